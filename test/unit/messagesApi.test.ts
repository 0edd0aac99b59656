import assert from 'node:assert/strict';
import { gate } from '../support/gate';
import { type MessagesApi, startMessagesApi } from '../support/messagesApi';
import {
  answer,
  byMarker,
  failing,
  onlySays,
  type PromptScript,
  type Script,
  writesTwice,
  writesWhenReminded,
} from '../support/messagesTurns';

type Message = { role: string; content: unknown };
type Answer = { status: number; text: string; tool?: { id: string; name: string; input: Record<string, string> } };

const cwd = '/home/dev/project';
const line = (id: string) => `Job ${id}: please read .courier/prompts/${id}.md and write to .courier/output/${id}.md.`;
const tools = [{ name: 'Read' }, { name: 'Write' }];

/** What a CLI does with the API: asks, runs the tools on files in memory, asks again. */
class Client {
  readonly messages: Message[] = [];
  readonly files = new Map<string, string>();
  readonly writes: string[] = [];
  constructor(
    readonly api: MessagesApi,
    readonly session = 'c1',
  ) {}

  async ask(): Promise<Answer> {
    const response = await fetch(`${this.api.url}/v1/messages?beta=true`, {
      method: 'POST',
      body: JSON.stringify({
        model: 'm',
        stream: true,
        tools,
        system: [{ type: 'text', text: `# Environment\n - Primary working directory: ${cwd}\n - Shell: sh` }],
        metadata: { user_id: JSON.stringify({ session_id: this.session }) },
        messages: this.messages,
      }),
    });
    const body = await response.text();
    if (!response.ok) return { status: response.status, text: JSON.parse(body).error.message };
    const events = body.match(/^data: .*$/gm)!.map((data) => JSON.parse(data.slice(6)));
    const text = events.map((e) => e.delta?.text ?? '').join('');
    const block = events.find((e) => e.content_block?.type === 'tool_use')?.content_block;
    const input = events.map((e) => e.delta?.partial_json ?? '').join('');
    const tool = block && { id: block.id, name: block.name, input: JSON.parse(input) };
    assert.equal(events.at(-2).delta.stop_reason, tool ? 'tool_use' : 'end_turn');
    return { status: 200, text, tool };
  }

  runTool(tool: NonNullable<Answer['tool']>): void {
    const { file_path = '', content = '' } = tool.input;
    if (tool.name === 'Write') {
      this.files.set(file_path, content);
      this.writes.push(content);
    }
    const result = tool.name === 'Read' ? `1\t${this.files.get(file_path)}` : 'File created';
    this.messages.push({ role: 'assistant', content: [{ type: 'tool_use', ...tool }] });
    this.messages.push({ role: 'user', content: [{ type: 'tool_result', tool_use_id: tool.id, content: result }] });
  }

  /** Takes one turn to its end and returns the last answer. */
  async turn(text: string): Promise<Answer> {
    const reminder = { type: 'text', text: '<system-reminder>Job j-0: not typed</system-reminder>' };
    this.messages.push({ role: 'user', content: [reminder, { type: 'text', text }] });
    for (;;) {
      const got = await this.ask();
      if (got.status !== 200) return got;
      if (!got.tool) {
        this.messages.push({ role: 'assistant', content: [{ type: 'text', text: got.text }] });
        return got;
      }
      this.runTool(got.tool);
    }
  }

  prompt(id: string, text: string): this {
    this.files.set(`${cwd}/.courier/prompts/${id}.md`, text);
    return this;
  }

  output(id: string): string | undefined {
    return this.files.get(`${cwd}/.courier/output/${id}.md`);
  }
}

describe('the pretended Messages API', () => {
  let api: MessagesApi | undefined;
  const start = async (script: Script) => {
    api = await startMessagesApi(script);
    return api;
  };
  const one = (script: PromptScript) => start(byMarker({}, script));
  afterEach(async () => {
    const errors = api?.errors;
    await api?.stop();
    api = undefined;
    assert.deepEqual(errors, []);
  });

  it('reads the prompt, writes the answer and ends the turn in three requests', async () => {
    const client = new Client(await one(answer((prompt) => prompt.toUpperCase()))).prompt('j-1', 'hello');
    assert.equal((await client.turn(line('j-1'))).text, 'The answer is written.');
    assert.equal(client.output('j-1'), 'HELLO');
    assert.equal(api!.requests.filter((r) => r.kind === 'turn').length, 3);
    assert.deepEqual(
      api!.turns.map((t) => [t.conversation, t.jobId, t.cwd]),
      [['c1', 'j-1', cwd]],
    );
  });

  it('chooses the script by what the prompt file says', async () => {
    const client = new Client(await start(byMarker({ '[[say]]': onlySays('no') }, answer('yes'))));
    client.prompt('j-1', 'please [[say]]').prompt('j-2', 'x');
    assert.equal((await client.turn(line('j-1'))).text, 'no');
    await client.turn(line('j-2'));
    assert.deepEqual([client.output('j-1'), client.output('j-2')], [undefined, 'yes']);
  });

  it('waits for the gate, and writes twice', async () => {
    const door = gate();
    const client = new Client(await one(writesTwice('half', 'whole', door))).prompt('j-1', 'x');
    const turn = client.turn(line('j-1'));
    while (client.output('j-1') !== 'half') await new Promise(setImmediate);
    door.open();
    await turn;
    assert.deepEqual(client.writes, ['half', 'whole']);
  });

  it('forgets the output until it is reminded, and knows the reminder for a second turn', async () => {
    const client = new Client(await one(writesWhenReminded())).prompt('j-1', 'x');
    await client.turn(line('j-1'));
    assert.equal(client.output('j-1'), undefined);
    await client.turn(line('j-1'));
    assert.equal(client.output('j-1'), 'Done.\n');
    assert.equal(api!.turns.length, 2);
    assert.equal(api!.taken('Job j-1:'), 2);
    assert.equal(api!.taken('Job j-0:'), 0);
  });

  it('says an answer again to a repeated request, and goes on after an error', async () => {
    const client = new Client(await one(failing(529, 2))).prompt('j-1', 'x');
    client.messages.push({ role: 'user', content: line('j-1') });
    const [first, again] = [await client.ask(), await client.ask()];
    assert.deepEqual(again.tool?.input, first.tool?.input);
    client.runTool(first.tool!);
    assert.deepEqual(
      [(await client.ask()).status, (await client.ask()).status, (await client.ask()).tool?.name],
      [529, 529, 'Write'],
    );
    assert.equal(api!.turns.length, 1);
  });

  it('knows the next line after a failed turn, which the client adds to the same message', async () => {
    const client = new Client(await start(byMarker({ '[[400]]': failing(400) })));
    client.prompt('j-1', '[[400]]').prompt('j-2', 'x');
    assert.equal((await client.turn(line('j-1'))).status, 400);
    const last = client.messages.pop()!;
    const blocks = last.content as unknown[];
    client.messages.push({ role: 'user', content: [...blocks, { type: 'text', text: line('j-2') }] });
    const got = await client.ask();
    assert.equal(got.tool?.input.file_path, `${cwd}/.courier/prompts/j-2.md`);
  });

  it('counts a line that was queued during another turn', async () => {
    const client = new Client(await one(answer())).prompt('j-1', 'x');
    await client.turn(line('j-1'));
    client.messages.push({ role: 'system', content: `The user sent a new message: ${line('j-2')}` });
    await client.ask();
    assert.equal(api!.taken('Job j-2:'), 1);
  });

  it('keeps conversations apart', async () => {
    const server = await one(answer());
    for (const session of ['c1', 'c2']) await new Client(server, session).prompt('j-1', 'x').turn(line('j-1'));
    assert.deepEqual(
      server.turns.map((t) => t.conversation),
      ['c1', 'c2'],
    );
    assert.equal(server.taken('Job j-1:'), 2);
  });

  it('answers everything else a client asks', async () => {
    const { url, requests, turns } = await one(answer());
    const post = (path: string, body: object) => fetch(url + path, { method: 'POST', body: JSON.stringify(body) });
    const messages = [{ role: 'user', content: '<session>\nJob j-1: read\n</session>' }];
    assert.equal((await fetch(url, { method: 'HEAD' })).status, 200);
    assert.match(await (await post('/v1/messages?beta=true', { messages })).text(), /title/);
    assert.deepEqual(await (await post('/v1/messages/count_tokens', { messages })).json(), { input_tokens: 1 });
    assert.equal((await post('/v1/elsewhere', {})).status, 404);
    assert.deepEqual(
      requests.map((r) => r.kind),
      ['other', 'title', 'count', 'other'],
    );
    assert.deepEqual(turns, []);
  });
});
