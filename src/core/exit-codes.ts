/** Process exit codes: the outside contract. Never depends on the output format. */
export const ExitCode = {
  ok: 0,
  internal: 1,
  usage: 2,
  findings: 3,
  forbidden: 4,
  couldNotCheck: 5,
  changes: 6,
  partlyDone: 7,
  locked: 8,
  timeout: 124,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
