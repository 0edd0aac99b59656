import * as vscode from 'vscode';
import type { SetupFix } from '../core/setup/check';
import { CourierError } from '../core/support/errors';
import { commands } from './contributions';
import type { FolderService } from './folderService';
import { t } from './l10n';
import type { LogChannel } from './logChannel';
import { showInformation, showWarning } from './messages';
import { isNode } from './nodes';
import { registerCommand } from './notifications';
import { withoutIcons } from './plainText';
import type { Finding, SetupChecks } from './setupChecks';
import { checkTexts } from './words';

/** What the commands of Check Setup need. */
export interface SetupServices {
  log: LogChannel;
  folders: FolderService;
  setup: SetupChecks;
}

type Row = vscode.QuickPickItem & { finding: Finding };
type FixButton = vscode.QuickInputButton & { fix: SetupFix };

const marks = { ok: '$(pass)', warning: '$(warning)', problem: '$(error)' } as const;
const fixIcons: Record<SetupFix['kind'], string> = {
  setting: 'gear',
  copy: 'copy',
  adopt: 'shield',
  demo: 'play',
};

/** Registers Check Setup, and what can be done with one of its results in the view. */
export function registerSetupCommands(services: SetupServices): vscode.Disposable {
  const { log } = services;
  return vscode.Disposable.from(
    registerCommand(log, commands.checkSetup, () => checkSetup(services)),
    registerCommand(log, commands.explainSetup, (item) => explain(services, findingOf(item))),
    registerCommand(log, commands.fixSetup, async (item) => {
      const finding = findingOf(item);
      const [best] = finding.check.fixes;
      await (best ? apply(services, best, finding) : explain(services, finding));
    }),
  );
}

function findingOf(item: unknown): Finding {
  if (isNode(item, 'setup')) return item.finding;
  throw new CourierError('no_item', t('Choose a line of the setup in the Courier view, or run Check Setup.'));
}

/** Looks at everything and shows it, each line with the buttons that help. Done when the result stands there. */
async function checkSetup(services: SetupServices): Promise<void> {
  const pick = vscode.window.createQuickPick<Row>();
  pick.title = t('Check Setup');
  pick.placeholder = t('Looking…');
  pick.busy = true;
  pick.matchOnDetail = true;
  // Looking takes a while: an editor that takes the keyboard meanwhile would take the result away.
  pick.ignoreFocusOut = true;
  pick.onDidHide(() => pick.dispose());
  pick.onDidAccept(() => {
    const [row] = pick.selectedItems;
    pick.hide();
    if (row) void explain(services, row.finding);
  });
  pick.onDidTriggerItemButton(({ item, button }) => {
    pick.hide();
    void apply(services, (button as FixButton).fix, item.finding);
  });
  pick.show();
  try {
    const found = await services.setup.look({ versions: true });
    pick.items = found.map((finding) => row(services, finding));
    const bad = found.filter(({ check }) => check.status !== 'ok').length;
    pick.placeholder =
      bad === 0
        ? t('All is well')
        : bad === 1
          ? t('1 of {0} needs a look: choose it, or its button', found.length)
          : t('{0} of {1} need a look: choose one, or its button', bad, found.length);
    pick.busy = false;
  } catch (error) {
    pick.hide();
    throw error;
  }
}

/** The label of a fix in the person's language. */
function fixWords(fix: SetupFix): string {
  switch (fix.kind) {
    case 'setting':
      return fix.setting === 'courier.tmuxPath' ? t('Set tmux Path') : t('Set Agents');
    case 'copy':
      return t('Copy Install Command');
    case 'adopt':
      return t('Adopt');
    case 'demo':
      return t('Try the Demo Agent');
  }
}

function row({ folders }: SetupServices, finding: Finding): Row {
  const { check, workspace } = finding;
  const { title, detail } = checkTexts(check);
  const several = folders.all.length > 1;
  const folder = several && folders.all.find(({ layout }) => layout.workspace === workspace);
  const buttons = check.fixes.map(
    (fix): FixButton => ({ fix, tooltip: fixWords(fix), iconPath: new vscode.ThemeIcon(fixIcons[fix.kind]) }),
  );
  return {
    // Not an iconPath, which nobody reads aloud.
    label: `${marks[check.status]} ${withoutIcons(title)}`,
    ...(folder ? { description: withoutIcons(folder.name) } : {}),
    detail: withoutIcons(detail),
    buttons,
    finding,
  };
}

/** Says what a result means, with a button for each thing that helps. */
async function explain(services: SetupServices, finding: Finding): Promise<void> {
  const { status, fixes, looked_in } = finding.check;
  const { title, detail } = checkTexts(finding.check);
  const where = t('Where It Looked');
  const labels = [...fixes.map(fixWords), ...(looked_in ? [where] : [])];
  const words = detail ? `${title}. ${detail}` : title;
  const show = status === 'ok' ? showInformation : showWarning;
  // Not awaited by who shows it: a message may stand for long.
  void Promise.resolve(show(words, ...labels)).then(async (chosen) => {
    if (chosen === where) services.log.show();
    const fix = fixes.find((one) => fixWords(one) === chosen);
    if (fix) await apply(services, fix, finding);
  });
}

async function apply({ folders }: SetupServices, fix: SetupFix, { workspace }: Finding): Promise<void> {
  const { executeCommand } = vscode.commands;
  switch (fix.kind) {
    case 'setting':
      await executeCommand('workbench.action.openSettings', fix.setting);
      return;
    case 'copy':
      await vscode.env.clipboard.writeText(fix.text);
      void showInformation(t('Copied: {0}. Run it in a terminal, then check again.', fix.text));
      return;
    case 'adopt': {
      const folder = folders.all.find(({ layout }) => layout.workspace === workspace);
      await executeCommand(commands.adopt, folder && { kind: 'folder', folder });
      return;
    }
    case 'demo':
      await executeCommand(commands.tryDemo);
  }
}
