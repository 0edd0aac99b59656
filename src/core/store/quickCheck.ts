import type * as v from 'valibot';

type Check = (value: unknown) => boolean;

/** What this needs to know of a part of a valibot schema. */
interface Part {
  type: string;
  kind: string;
  default?: unknown;
  fallback?: unknown;
  wrapped?: Part;
  item?: Part;
  entries?: Record<string, Part>;
  options?: readonly unknown[];
  literal?: unknown;
  pipe?: readonly Part[];
  requirement?: unknown;
}

const made = new WeakMap<v.GenericSchema, Check>();

/**
 * Whether data of JSON fits a schema just as it stands, so that valibot would accept it and return the same, and it is nowhere
 * deeper than the schema. False says only that valibot is to be asked: it alone words what is wrong, and fills or drops what has
 * to be. Made of the schema itself, so that there is one description. A copy of each part, which valibot makes, is most of its cost.
 */
export function fitsAsItStands(schema: v.GenericSchema, data: unknown): boolean {
  const check = made.get(schema) ?? checkOf(schema as unknown as Part);
  made.set(schema, check);
  return check(data);
}

const never: Check = () => false;

function checkOf(part: Part): Check {
  const { pipe } = part;
  if (!pipe) return plainCheck(part);
  const checks = pipe.map((one, i) => (i === 0 ? checkOf(one) : validation(one)));
  return checks.reduce((before, check) => (value) => before(value) && check(value));
}

function plainCheck(part: Part): Check {
  switch (part.type) {
    case 'string':
      return (value) => typeof value === 'string';
    case 'number':
      return (value) => typeof value === 'number';
    case 'boolean':
      return (value) => typeof value === 'boolean';
    case 'literal':
      return (value) => value === part.literal;
    case 'picklist':
      return (value) => part.options!.includes(value);
    case 'union': {
      const checks = (part.options as readonly Part[]).map(checkOf);
      return (value) => checks.some((check) => check(value));
    }
    case 'optional':
      return checkOf(part.wrapped!);
    case 'nullable': {
      const check = checkOf(part.wrapped!);
      return (value) => (value === null ? part.default === undefined : check(value));
    }
    case 'array': {
      const check = checkOf(part.item!);
      return (value) => Array.isArray(value) && value.every(check);
    }
    case 'object':
    case 'loose_object':
      return objectCheck(part.entries!, part.type === 'loose_object');
    default:
      return never;
  }
}

/** Keys that valibot drops. */
const dropped = new Set(['__proto__', 'prototype', 'constructor']);

function objectCheck(entries: Record<string, Part>, isLoose: boolean): Check {
  const known = new Map(Object.entries(entries).map(([key, part]) => [key, checkOf(part)]));
  const needed = Object.keys(entries).filter((key) => !mayLack(entries[key]!));
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    const data = value as Record<string, unknown>;
    for (const key of needed) if (!Object.hasOwn(data, key)) return false;
    for (const key in data) {
      const check = known.get(key);
      const one = data[key];
      if (check ? !check(one) : !isLoose || dropped.has(key) || (typeof one === 'object' && one !== null)) return false;
    }
    return true;
  };
}

/** Whether an object without this part is returned without it. */
function mayLack(part: Part): boolean {
  return part.type === 'optional' && part.default === undefined && part.fallback === undefined;
}

/** What a pipe asks of a value besides its type. */
function validation({ kind, type, requirement }: Part): Check {
  if (kind !== 'validation') return never;
  if (requirement instanceof RegExp) {
    // One that goes on from where it stopped has a state, which is not ours to move.
    return requirement.global || requirement.sticky ? never : (value) => requirement.test(value as string);
  }
  switch (type) {
    case 'check':
    case 'integer':
    case 'safe_integer':
      return requirement as Check;
    case 'min_value':
      return (value) => (value as number) >= (requirement as number);
    case 'max_value':
      return (value) => (value as number) <= (requirement as number);
    default:
      return never;
  }
}
