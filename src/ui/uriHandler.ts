import * as vscode from 'vscode';
import { CourierError } from '../core/support/errors';
import { t } from './l10n';
import type { LogChannel } from './logChannel';
import { confirm } from './messages';
import { reportError } from './notifications';
import type { PromptEditor } from './promptEditor';
import { shortened } from './words';

/**
 * Takes `vscode://tmux-courier.tmux-courier/send?prompt=…`. A link may come from anywhere, so nothing is ever sent by one: the
 * person is asked, then the whole prompt stands in an editor, and only its Send button sends it.
 */
export function registerUriHandler(log: LogChannel, editor: PromptEditor): vscode.Disposable {
  return vscode.window.registerUriHandler({
    async handleUri(uri) {
      try {
        await take(uri, editor);
      } catch (error) {
        void reportError(log, error);
      }
    },
  });
}

async function take(uri: vscode.Uri, editor: PromptEditor): Promise<void> {
  const prompt = new URLSearchParams(uri.query).get('prompt') ?? '';
  if (uri.path !== '/send' || prompt.trim() === '') {
    throw new CourierError(
      'bad_link',
      t('A link to Tmux Courier could not be used: it has no prompt. Nothing was sent.'),
    );
  }
  const yes = await confirm(
    t('A link wants to send a prompt to an agent.'),
    t(
      'It begins: {0}\n\nYou can read it in an editor first. Nothing is sent until you press Send there.',
      shortened(prompt.trim(), 300),
    ),
    t('Open It'),
  );
  if (yes) await editor.begin(prompt);
}
