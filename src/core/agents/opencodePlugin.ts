/**
 * The plugin that OpenCode loads for one launch (measured with 1.18.33): it keeps events as receipts, in the shape of the other CLIs'
 * hooks, each a file that is whole or not there, and never makes the CLI fail. A permission stands in the terminal, too: while its
 * mark is there, a decision that is laid beside it is given to OpenCode, and the first answer counts. A refused one ends the turn
 * there, unless its settings say otherwise. Conversations of subagents are not the person's, so nothing of them is told but what
 * they ask permission for.
 */
export const opencodePlugin = `import fs from 'node:fs';
import path from 'node:path';

const { COURIER_RECEIPTS: receipts, COURIER_DECISIONS: decisions } = process.env;
let count = 0;

function note(receipt, id = \`\${String(count++).padStart(6, '0')}-\${Math.random().toString(36).slice(2, 10)}\`) {
  try {
    const file = path.join(receipts, '.' + id);
    fs.writeFileSync(file, JSON.stringify(receipt), { mode: 0o600 });
    fs.renameSync(file, path.join(receipts, id + '.json'));
  } catch {
    // The launch is over.
  }
}

export const Courier = async ({ client }) => {
  const children = new Set();
  const running = new Map();
  const asked = new Map();
  const refused = new Map();

  const lastWords = async (id) => {
    const messages = (await client.session.messages({ path: { id } })).data ?? [];
    const parts = messages.filter(({ info }) => info.role === 'assistant').at(-1)?.parts ?? [];
    return parts.filter(({ type }) => type === 'text').map(({ text }) => text).join('\\n');
  };

  const end = async (session_id, receipt) => {
    const prompt_id = running.get(session_id);
    // It tells the end of one turn more than once.
    if (prompt_id === undefined) return;
    running.delete(session_id);
    const what = refused.get(session_id);
    refused.delete(session_id);
    if (what !== undefined && receipt.error === undefined)
      receipt = { hook_event_name: 'StopInterrupted', error: \`It was refused permission for \${what}, and stopped.\` };
    const said = receipt.error === undefined ? await lastWords(session_id).catch(() => '') : '';
    note({ session_id, prompt_id, last_assistant_message: said, ...receipt });
  };

  const ask = ({ id, sessionID, permission, patterns, metadata = {} }) => {
    const receipt = \`p-\${count++}-\${Math.random().toString(36).slice(2, 10)}\`;
    const mark = path.join(decisions, receipt + '.waiting');
    const decision = path.join(decisions, receipt + '.json');
    // Its dialog shows the folder for which it wants a pattern, and not the file.
    const folder = permission === 'external_directory' ? patterns[0]?.replace(/\\/\\*$/, '') : undefined;
    const file_path = folder ?? metadata.filepath;
    const what = file_path ?? metadata.command;
    const description = metadata.filepath === what ? undefined : metadata.filepath;
    const tool_input = { description, ...(file_path ? { file_path } : metadata.command ? { command: metadata.command } : { patterns }) };
    const look = () => {
      if (!fs.existsSync(mark)) return leave();
      if (!fs.existsSync(decision)) return;
      const response = fs.readFileSync(decision, 'utf8').trim();
      fs.rmSync(decision);
      leave(response);
      client.postSessionIdPermissionsPermissionId({ path: { id: sessionID, permissionID: id }, body: { response } }).catch(() => {});
    };
    const leave = (reply) => {
      clearInterval(timer);
      asked.delete(id);
      fs.rmSync(mark, { force: true });
      if (reply === 'reject') refused.set(sessionID, \`\${permission} \${what ?? patterns.join(', ')}\`);
    };
    const timer = setInterval(() => {
      try {
        look();
      } catch {
        clearInterval(timer);
      }
    }, 100);
    asked.set(id, leave);
    fs.writeFileSync(mark, '', { mode: 0o600 });
    const prompt_id = running.get(sessionID);
    note({ hook_event_name: 'PermissionRequest', session_id: sessionID, prompt_id, tool_name: permission, tool_input }, receipt);
  };

  const on = {
    'session.created': ({ info }) => void (info.parentID && children.add(info.id)),
    'session.error': ({ sessionID, error }) => {
      const aborted = error?.name === 'MessageAbortedError';
      const message = error?.data?.message ?? error?.name ?? 'unknown error';
      return end(sessionID, { hook_event_name: aborted ? 'StopInterrupted' : 'StopFailure', error: String(message) });
    },
    'session.idle': ({ sessionID }) => end(sessionID, { hook_event_name: 'Stop' }),
    'permission.asked': ask,
    'permission.replied': ({ requestID, reply }) => asked.get(requestID)?.(reply),
  };

  note({ hook_event_name: 'SessionStart', session_id: '' });
  return {
    event: async ({ event: { type, properties } }) => {
      try {
        await on[type]?.(properties);
      } catch {
        // An event of another shape than expected: what it would have told is read from the screen.
      }
    },
    'chat.message': async ({ sessionID }, { parts }) => {
      if (children.has(sessionID)) return;
      const prompt_id = parts[0]?.messageID ?? '';
      running.set(sessionID, prompt_id);
      const prompt = parts.filter(({ type }) => type === 'text').map(({ text }) => text).join('\\n');
      note({ hook_event_name: 'UserPromptSubmit', session_id: sessionID, prompt_id, prompt });
    },
    'tool.execute.before': async ({ tool, sessionID }, { args }) => {
      const { filePath, command } = args ?? {};
      // It goes on after a refusal.
      refused.delete(sessionID);
      const tool_input = { ...(filePath ? { file_path: String(filePath) } : command ? { command: String(command) } : {}) };
      note({ hook_event_name: 'PreToolUse', session_id: sessionID, prompt_id: running.get(sessionID), tool_name: tool, tool_input });
    },
  };
};
`;
