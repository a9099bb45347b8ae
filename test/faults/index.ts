import type { Fault } from './fault.ts';

/** Every fault, group by group. */
export const faults: readonly Fault[] = [];
