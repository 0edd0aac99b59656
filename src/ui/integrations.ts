import * as vscode from 'vscode';
import type { UserState } from '../core/store/userState';
import type { CourierApi } from './api';
import { registerCourierTasks } from './courierTasks';
import { registerLanguageModelTools } from './languageModelTools';
import { PromptEditor } from './promptEditor';
import type { SendServices } from './sendPrompts';
import { registerUriHandler } from './uriHandler';

/** Registers the ways in which what is not ours asks for jobs: the editor's chat, tasks and links, which end in the prompt editor. */
export function registerIntegrations(api: CourierApi, services: SendServices & { user: UserState }): vscode.Disposable {
  const editor = new PromptEditor(services, services.user);
  return vscode.Disposable.from(
    editor,
    registerUriHandler(services.log, editor),
    registerLanguageModelTools(api),
    registerCourierTasks(api),
  );
}
