import assert from 'node:assert/strict';
import type { Job } from '../../src/core/model/job';
import { NewAnswers } from '../../src/ui/newAnswers';
import { makeJob } from '../support/coreFixtures';
import { treeSession } from '../support/treeFixtures';
import { newMemory, ToldFolders } from './uiDoubles';

const at = (minute: number) => `2026-11-28T10:${String(minute).padStart(2, '0')}:00.000Z`;
const ended = (id: string, minute: number): Job =>
  makeJob(id, { session_id: 'main', status: 'completed', finished_at: at(minute) });

describe('what nobody has looked at', () => {
  const [early, late] = [ended('j-early', 1), ended('j-late', 2)];
  const tell = (folders: ToldFolders, partial: 'any' | undefined, ...finished: Job[]) => {
    Object.assign(folders.folder.snapshot!, { partial });
    folders.tell(treeSession('ready', [], finished));
    return finished;
  };
  const answersOver = (folders: ToldFolders, memory = newMemory()) => new NewAnswers(folders.service, memory, at(0));

  it('is one time when all of it was, and no list that grows', () => {
    const folders = new ToldFolders();
    const memory = newMemory();
    const answers = answersOver(folders, memory);
    tell(folders, undefined, late, early);
    answers.open(late);
    assert.equal(answers.isNew(early), true);
    assert.equal(answers.seenUntil, at(0));
    answers.open(early);
    assert.deepEqual(
      [early, late].map((job) => answers.isNew(job)),
      [false, false],
    );
    assert.equal(answers.seenUntil, at(2));
    answers.dispose();
    const again = answersOver(folders, memory);
    assert.equal(again.seenUntil, at(2));
    again.dispose();
  });

  it('is not forgotten by a look at another one while not all is read', () => {
    const folders = new ToldFolders();
    const answers = answersOver(folders);
    tell(folders, 'any', late);
    answers.open(late);
    tell(folders, undefined, late, early);
    assert.deepEqual(
      [early, late].map((job) => answers.isNew(job)),
      [true, false],
    );
    answers.openAll();
    assert.equal(answers.isNew(early), false);
    assert.equal(answers.seenUntil, at(2), 'when the last one ended, which was looked at before');
    answers.dispose();
  });
});
