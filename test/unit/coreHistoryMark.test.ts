import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { appendHistory, readHistoryNow, readMarkedHistory } from '../../src/core/store/history';
import { historyMark, isAsMarked } from '../../src/core/store/historyMark';
import { Layout, type SessionLayout } from '../../src/core/store/layout';
import { makeJob, someTime } from '../support/coreFixtures';
import { makeTempDir, type TempDir } from '../support/tempDir';

describe('the mark of a history', () => {
  let temp: TempDir;
  let files: SessionLayout;
  beforeEach(async () => {
    temp = await makeTempDir();
    files = new Layout(temp.path).session('main');
    await fs.mkdir(files.historyDir, { recursive: true });
  });
  afterEach(() => temp.remove());

  const end = (id: string, finished_at = someTime) =>
    appendHistory(files, makeJob(id, { status: 'completed', finished_at }), 1);
  const now = () => readHistoryNow(files, 9)!.mark;

  it('is the same however it is read, until a job ends, in this month or in another', async () => {
    const marks = [now()];
    for (const [id, time] of [
      ['a', someTime],
      ['b', someTime],
      ['c', `2099-01${someTime.slice(7)}`],
    ] as const) {
      assert.ok(isAsMarked(files, marks.at(-1)!), `before ${id}`);
      await end(id, time);
      assert.ok(!isAsMarked(files, marks.at(-1)!), `after ${id}`);
      marks.push(now());
      assert.equal((await readMarkedHistory(files, 9)).mark, marks.at(-1));
    }
    assert.equal(new Set(marks).size, 4);
    assert.equal(readHistoryNow(files, 9)!.jobs.length, 3);
  });

  it('is another one when the file was put there anew, or the folder is gone', async () => {
    await end('a');
    const mark = now();
    const file = files.historyFile(someTime);
    const text = await fs.readFile(file);
    await fs.writeFile(`${file}.new`, text);
    await fs.rename(`${file}.new`, file);
    assert.ok(!isAsMarked(files, mark));
    const other = now();
    await fs.rm(files.historyDir, { recursive: true });
    assert.ok(!isAsMarked(files, other));
    assert.ok(isAsMarked(files, historyMark(files, undefined)), 'none is a state, too');
  });

  it('that nobody of ours made fits nothing, and leads nowhere', async () => {
    await end('a');
    for (const odd of ['', ' ', '../../x 1:2:3', '2026-11.jsonl', `${path.sep} ${now()}`])
      assert.ok(!isAsMarked(files, odd), odd);
  });
});
