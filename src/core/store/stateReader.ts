import type * as v from 'valibot';
import { type JsonRead, readJson, readJsonNow } from './jsonFile';

/** A schema of a state file, which carries the claim of the runner that wrote it. */
type StateSchema = v.GenericSchema<unknown, { epoch: number }>;

/**
 * Reads state files and never goes back behind an epoch that it has read: a superseded runner may wake up and write once
 * more over its successor's file, which writes it again soon.
 */
export class StateReader {
  private readonly newest = new Map<string, { epoch: number; value: unknown }>();

  /** `claimed` gives the newest epoch that any runner has had: a file that says a higher one was written by none. */
  constructor(private readonly claimed: () => Promise<number> = async () => 0) {}

  /** As `readJson`, with the value that was read before when the file's is of an older epoch. */
  async read<S extends StateSchema>(schema: S, file: string): Promise<JsonRead<v.InferOutput<S>>> {
    const read = await readJson(schema, file);
    if (read.kind !== 'ok') return read;
    const { epoch } = read.value;
    const before = this.newest.get(file);
    if (before && epoch < before.epoch && before.epoch <= (await this.claimed())) {
      return { kind: 'ok', value: before.value as v.InferOutput<S> };
    }
    this.newest.set(file, { epoch, value: read.value });
    return read;
  }

  /** As `read`, in one go; undefined for what is of an older epoch than before, which takes a question to the disk. */
  readNow<S extends StateSchema>(schema: S, file: string): JsonRead<v.InferOutput<S>> | undefined {
    const read = readJsonNow(schema, file);
    if (read.kind !== 'ok') return read;
    const { epoch } = read.value;
    if (epoch < (this.newest.get(file)?.epoch ?? 0)) return undefined;
    this.newest.set(file, { epoch, value: read.value });
    return read;
  }
}
