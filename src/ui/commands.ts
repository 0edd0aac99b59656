import * as vscode from 'vscode';
import { registerArchiveCommands } from './archiveCommands';
import { registerConversationCommand } from './conversationCommand';
import { type DiagnosticsServices, registerDiagnosticsCommand } from './diagnosticsCommand';
import { registerEditAgent } from './editAgent';
import { registerEditPrompt } from './editPrompt';
import { registerFollowUpCommand } from './followUp';
import { type GetStartedServices, registerGetStarted } from './getStarted';
import { registerGroupCommands } from './groupCommands';
import { type JobViewServices, registerJobView } from './job/jobActions';
import { type JobServices, registerJobCommands } from './jobCommands';
import { registerMonitorCommands } from './monitorCommands';
import { registerMoveCommands } from './moveCommands';
import { registerPauseCommands } from './pauseCommands';
import { registerProblemAction } from './problemAction';
import { type QuickMenuServices, registerQuickMenu } from './quickMenu';
import { registerScmCommands } from './scmDiff';
import { registerSendCommands } from './sendCommands';
import type { SendServices } from './sendPrompts';
import { registerSendToSeveral } from './sendToSeveral';
import { registerSessionCommands, type SessionServices } from './sessionCommands';
import { registerSetupCommands, type SetupServices } from './setupCommands';
import { registerTemplateCommands, type TemplateServices } from './templateCommands';
import { registerTreeCommands, type TreeServices } from './treeCommands';
import { registerTryAgent, type TryAgentServices } from './tryAgent';

/** What all commands together need. */
export type CommandServices = SendServices &
  TemplateServices &
  SessionServices &
  JobServices &
  JobViewServices &
  SetupServices &
  DiagnosticsServices &
  QuickMenuServices &
  GetStartedServices &
  TryAgentServices &
  TreeServices;

/** Registers every command that package.json declares. */
export function registerCommands(services: CommandServices): vscode.Disposable {
  return vscode.Disposable.from(
    registerSendCommands(services),
    registerSendToSeveral(services),
    registerGroupCommands(services),
    registerTemplateCommands(services),
    registerProblemAction(services),
    registerScmCommands(services),
    registerSessionCommands(services),
    registerConversationCommand(services),
    registerTryAgent(services),
    registerEditAgent(services.log),
    registerArchiveCommands(services),
    registerJobCommands(services),
    registerJobView(services),
    registerEditPrompt(services),
    registerMoveCommands(services),
    registerPauseCommands(services),
    registerFollowUpCommand(services),
    registerMonitorCommands(services),
    registerSetupCommands(services),
    registerDiagnosticsCommand(services),
    registerTreeCommands(services),
    registerQuickMenu(services),
    registerGetStarted(services),
  );
}
