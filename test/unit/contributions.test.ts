import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import manifest from '../../package.json';
import texts from '../../package.nls.json';
import { AgentSettings, defaultSettings } from '../../src/core/store/settings';
import {
  commands,
  contextKeys,
  extensionId,
  itemCommands,
  notifyChoices,
  openOutputChoices,
  sessionsView,
  settings,
  taskType,
  toolNames,
  viewContainer,
  walkthroughId,
} from '../../src/ui/contributions';

interface MenuItem {
  command: string;
  when?: string;
  group?: string;
}
interface Property {
  scope: string;
  default: unknown;
  description?: string;
  markdownDescription?: string;
  enum?: string[];
}

const { contributes } = manifest;
const menus: Record<string, MenuItem[]> = contributes.menus;
const properties = contributes.configuration.properties as unknown as Record<string, Property>;
const sorted = (names: Iterable<string>) => [...names].sort();
const declared = contributes.commands.map((command) => command.command);

/** A text of package.json in English. */
const said = (key = '') => (texts as Record<string, string>)[key.replace(/^%|%$/g, '')] ?? '';

/** Keys of VS Code's own that our clauses use. */
const builtIn = [
  'view',
  'viewItem',
  'workspaceFolderCount',
  'resourceScheme',
  'explorerResourceIsRoot',
  'editorTextFocus',
  'resourcePath',
  'scmProvider',
  'scmResourceGroup',
  'focusedView',
  'listFocus',
  'inputFocus',
];

/** The context keys in a `when` clause: what stands on the left of a comparison, or alone, and both sides of an `in`. */
function keysOf(when: string): string[] {
  return when.split(/\s*(?:&&|\|\|)\s*/).flatMap((term) => {
    const [left = '', right = ''] = term.replace(/^!/, '').split(/\s*(?:==|!=|=~|\bin\b)\s*/);
    return / in /.test(term) ? [left, right] : [left];
  });
}

const [walkthrough, ...otherWalkthroughs] = contributes.walkthroughs;
const steps = walkthrough?.steps ?? [];

/** What has to happen for a step to be checked off, as `onCommand:` or `onContext:` say it. */
const completions = (kind: string) =>
  steps.flatMap(({ completionEvents }) =>
    completionEvents.filter((event) => event.startsWith(kind)).map((event) => event.slice(kind.length)),
  );

/** The commands that a text links to. */
const linksOf = (text: string) => [...text.matchAll(/\(command:([\w.]+)/g)].map((match) => match[1] ?? '');

const whens = [
  ...Object.values(menus).flatMap((items) => items.map((item) => item.when)),
  ...contributes.viewsWelcome.map((welcome) => welcome.when),
  ...contributes.keybindings.map((binding) => binding.when),
  ...completions('onContext:'),
].filter((when) => when !== undefined && when !== 'false') as string[];

describe('package.json and the table of names', () => {
  it('declare the same commands, once each', () => {
    assert.deepEqual(sorted(declared), sorted(Object.values(commands)));
  });

  it('have every command in the category Courier', () => {
    assert.deepEqual(
      contributes.commands.filter((command) => said(command.category) !== 'Courier'),
      [],
    );
  });

  it('hide from the palette what needs a tree item, and nothing else', () => {
    const hidden = (menus.commandPalette ?? []).filter((item) => item.when === 'false').map((item) => item.command);
    assert.deepEqual(sorted(hidden), sorted(itemCommands));
  });

  it('name declared commands in every menu, key, welcome and step', () => {
    const texts = [
      ...contributes.viewsWelcome.map((one) => said(one.contents)),
      ...steps.map((one) => said(one.description)),
    ];
    const named = [
      ...Object.values(menus).flatMap((items) => items.map((item) => item.command)),
      ...contributes.keybindings.map((binding) => binding.command),
      ...texts.flatMap(linksOf).filter((command) => !command.startsWith('workbench.')),
      ...completions('onCommand:'),
    ];
    assert.deepEqual(
      named.filter((command) => !declared.includes(command)),
      [],
    );
  });

  it('name known context keys and views in every when clause', () => {
    const known = new Set<string>([...builtIn, ...contextKeys]);
    assert.deepEqual(
      whens.flatMap(keysOf).filter((key) => !known.has(key)),
      [],
    );
    const views = whens.flatMap((when) => [...when.matchAll(/view == (\S+)/g)].map((match) => match[1]));
    assert.deepEqual([...new Set(views)], [sessionsView]);
  });

  it('use every context key of ours', () => {
    const used = new Set(whens.flatMap(keysOf));
    assert.deepEqual(
      contextKeys.filter((key) => !used.has(key)),
      [],
    );
  });

  it('have only viewItem patterns that match a state', () => {
    const states = [
      'session.ready',
      'session.ready.paused',
      'session.lost',
      'session.tmux_started',
      'job.pending',
      'job.running',
      'job.completed',
      'job.failed',
      'job.completed.grouped',
      'group.live.answers',
    ];
    for (const when of whens) {
      const pattern = /viewItem =~ \/(.+)\/$/.exec(when)?.[1];
      if (pattern === undefined) continue;
      assert.ok(
        states.some((state) => new RegExp(pattern).test(state)),
        when,
      );
    }
  });

  it('have the same view in the same container', () => {
    assert.deepEqual(
      contributes.viewsContainers.activitybar.map((container) => container.id),
      [viewContainer],
    );
    assert.deepEqual(
      contributes.views[viewContainer].map((view) => view.id),
      [sessionsView],
    );
  });

  it('have the same settings, with the same scopes', () => {
    const scopes = Object.entries(properties).map(([name, { scope }]) => [name, scope]);
    const table = Object.entries(settings).map(([name, { scope }]) => [`courier.${name}`, scope]);
    assert.deepEqual(Object.fromEntries(scopes), Object.fromEntries(table));
  });

  it('have the same defaults as the core', () => {
    const core: Record<string, unknown> = defaultSettings();
    for (const [name, { key }] of Object.entries(settings)) {
      if (key !== undefined) assert.deepEqual(properties[`courier.${name}`]?.default, core[key], name);
    }
  });

  it('describe every setting, and offer the choices there are', () => {
    for (const [name, property] of Object.entries(properties)) {
      assert.ok(said(property.markdownDescription ?? property.description).length > 30, name);
    }
    assert.deepEqual(properties['courier.openOutput']?.enum, [...openOutputChoices]);
    assert.deepEqual(properties['courier.notify']?.enum, [...notifyChoices]);
  });

  it('describe every field that an agent may have', () => {
    const schema = contributes.configuration.properties['courier.agents'].additionalProperties.properties;
    // Ours to say, of one that can't be used.
    const { refused, ...fields } = AgentSettings.entries;
    assert.deepEqual(sorted(Object.keys(schema)), sorted(Object.keys(fields)));
  });

  it('declare the same tools and tasks', () => {
    assert.deepEqual(
      contributes.languageModelTools.map((tool) => tool.name),
      Object.values(toolNames),
    );
    assert.deepEqual(
      contributes.taskDefinitions.map(({ type }) => type),
      [taskType],
    );
  });

  it('have the same walkthrough, of which each step has a button, and something that checks it off', () => {
    assert.equal(extensionId, `${manifest.publisher}.${manifest.name}`);
    assert.deepEqual([walkthrough?.id, otherWalkthroughs], [walkthroughId, []]);
    assert.deepEqual(
      steps.map(({ id }) => id),
      ['setup', 'demo', 'agent', 'send', 'back'],
    );
    for (const { id, description } of steps) {
      // A link that has a line for itself is shown as a button.
      assert.match(said(description), /^\[[^\]]+\]\(command:[\w.]+\)$/m, id);
    }
    assert.equal(completions('onCommand:').length + completions('onContext:').length, steps.length);
  });

  it('say one next step in each welcome', () => {
    for (const { contents } of contributes.viewsWelcome) {
      const buttons = said(contents)
        .split('\n')
        .filter((line) => /^\[[^\]]+\]\(command:\S+\)$/.test(line));
      assert.ok(said(contents) !== '' && buttons.length <= 1, contents);
    }
  });

  it('name pictures that are there', () => {
    const pictures = [
      manifest.icon,
      ...contributes.viewsContainers.activitybar.map((container) => container.icon),
      ...steps.map(({ media }) => media.svg),
    ];
    assert.deepEqual(
      pictures.filter((file) => !fs.existsSync(file)),
      [],
    );
  });
});
