import type { Outcome } from '../../src/core/result.ts';
import type { Fabric } from '../../src/local/fabric.ts';
import type { ServerProfile } from '../../src/smart/server-profile.ts';

/** What a fault gets: the request as it is about to reach a stand-in, and the way on. */
export interface Passage {
  /** `apim`, `entra`, `functions`, `fhir`, `storage`, `key-vault`, `graph`, `arm`: names of the stand-ins. */
  readonly standIn: string;
  readonly request: Request;
  readonly url: URL;
  readonly next: (request: Request) => Promise<Response>;
  /** The cloud's inside: its signing keys make forged tokens whose signature is right. */
  readonly fabric: Fabric;
}

/** State of one run of one fault: what it has seen so far. */
export type Memory = Map<string, unknown>;

/**
 * A deliberate defect and the checks that must catch it. `fails` is exact: these checks turn red (fail, or warn for
 * checks of that severity), every other check keeps its outcome, but those in `skips`, which lost their evidence.
 */
export interface Fault {
  readonly name: string;
  readonly fails: readonly string[];
  readonly skips?: readonly string[];
  /** Changes what passes between client and server. Undefined lets it pass unchanged. */
  readonly wrap?: (passage: Passage, memory: Memory) => Promise<Response | undefined> | Response | undefined;
  /** Changes what doctor knows of the server: for defects of registration. */
  readonly profile?: (profile: ServerProfile) => ServerProfile;
}

export function fault(name: string, definition: Omit<Fault, 'name'>): Fault {
  return { name, ...definition };
}

/** Outcomes that mean "a check saw the defect". */
export const RED: readonly Outcome[] = ['fail', 'warn', 'error'];
