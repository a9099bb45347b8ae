import { systemClock } from '../../src/core/clock.ts';
import { Redactor } from '../../src/core/redact.ts';
import { Recorder, type Wire } from '../../src/smart/recorder.ts';

/** A wire to a function, and the recorder behind it. */
export function wireTo(answer: (request: Request) => Promise<Response>): {
  wire: Wire;
  recorder: Recorder;
  redactor: Redactor;
} {
  const redactor = new Redactor();
  const recorder = new Recorder({ fetch: answer, redactor, clock: systemClock, concurrency: 4 });
  return { wire: recorder.wire('test'), recorder, redactor };
}
