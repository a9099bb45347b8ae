import { asArray, isObject } from '../resource.ts';

/** A compiled path: element names with optional filters, and the data type at its end. */
export interface Path {
  readonly steps: readonly Step[];
  readonly leaf: string;
}

interface Step {
  readonly name: string;
  readonly filter: readonly [key: string, value: string] | undefined;
}

/** `telecom[system=phone].value:string` → steps and leaf type. */
export function parsePath(text: string): Path {
  const colon = text.lastIndexOf(':');
  const steps = (text.slice(0, colon).match(/(?:[^.[]|\[[^\]]*\])+/g) ?? []).map((step): Step => {
    const match = /^([^[]+)(?:\[([^=]+)=([^\]]*)\])?$/.exec(step);
    const [, name = step, key, value] = match ?? [];
    return { name, filter: key === undefined || value === undefined ? undefined : [key, value] };
  });
  return { steps, leaf: text.slice(colon + 1) };
}

/** Every value the path leads to in this resource. */
export function valuesAt(resource: unknown, path: Path): unknown[] {
  let current: unknown[] = [resource];
  for (const { name, filter } of path.steps) {
    const next: unknown[] = [];
    for (const item of current) {
      if (!isObject(item)) continue;
      for (const value of asArray(item[name])) {
        if (value === null) continue;
        if (filter === undefined || (isObject(value) && value[filter[0]] === filter[1])) next.push(value);
      }
    }
    if (next.length === 0) return next;
    current = next;
  }
  return current;
}
