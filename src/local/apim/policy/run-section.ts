import type { Run } from '../run.ts';
import type { Frame } from './element.ts';

/** Runs a section at the frame's level; a scope without that section has nothing there. */
export async function runSection(run: Run, frame: Frame): Promise<void> {
  const steps = frame.scopes[frame.level]?.sections[frame.section] ?? [];
  for (const step of steps) {
    run.signal.throwIfAborted();
    await step(run, frame);
  }
}
