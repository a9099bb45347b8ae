import { ExitCode } from './exit-codes.ts';

/** What is known about an error before it happens; an instance may say it more precisely. */
export interface ErrorCodeEntry {
  readonly exitCode: ExitCode;
  /** What usually lies behind it. */
  readonly cause: string;
  /** What to do about it. */
  readonly fix: string;
  /** The next command to type. */
  readonly command: string;
}

const HELP = 'smartfhir --help';

/**
 * Every error code of the tool, in alphabetical order. `smartfhir explain CODE` prints an entry; a code once
 * released keeps its name and exit code.
 */
export const ERROR_CODES = {
  ALREADY_EXISTS: {
    exitCode: ExitCode.usage,
    cause: 'a file that the command would write is already there',
    fix: 'edit the existing file, or delete it first',
    command: 'smartfhir plan',
  },
  AUTH_FAILED: {
    exitCode: ExitCode.forbidden,
    cause: 'the credential was refused by the identity provider',
    fix: 'sign in again, or correct the client id, secret or tenant',
    command: 'smartfhir explain AUTH_FAILED',
  },
  AZURE_REFUSED: {
    exitCode: ExitCode.couldNotCheck,
    cause: 'Azure refused a request or an operation of it failed',
    fix: 'look at the quoted code and message, mend what they name, and run the command again',
    command: 'smartfhir apply',
  },
  CALLBACK_INVALID: {
    exitCode: ExitCode.couldNotCheck,
    cause: 'the answer that came to the redirect URI is not one the app may believe',
    fix: 'start the launch again; if it repeats, the authorization server changes or omits parameters',
    command: 'smartfhir launch standalone',
  },
  CONFIG_INVALID: {
    exitCode: ExitCode.usage,
    cause: 'smartfhir.yaml does not match its schema',
    fix: 'correct the named line; the schema is printed by `smartfhir config schema`',
    command: 'smartfhir config validate',
  },
  CONFIG_NOT_FOUND: {
    exitCode: ExitCode.usage,
    cause: 'no smartfhir.yaml in this folder or above it',
    fix: 'create one, or name it with --config',
    command: 'smartfhir init',
  },
  FILE_UNUSABLE: {
    exitCode: ExitCode.couldNotCheck,
    cause: 'the system refused to read or write a file: rights, a full disk, a folder in its place',
    fix: 'make the named path writable for this user, or work in another folder with --cwd',
    command: HELP,
  },
  FORBIDDEN: {
    exitCode: ExitCode.forbidden,
    cause: 'the signed-in principal lacks a role or permission',
    fix: 'grant the named role, wait for it to take effect, and repeat the command',
    command: 'smartfhir explain FORBIDDEN',
  },
  INTERNAL: {
    exitCode: ExitCode.internal,
    cause: 'a defect of smartfhir itself',
    fix: 'report it with the text above; nothing secret is in it',
    command: 'smartfhir version',
  },
  INTERRUPTED: {
    exitCode: ExitCode.interrupted,
    cause: 'the run was interrupted',
    fix: 'run the same command again; it resumes where it stopped',
    command: HELP,
  },
  KEY_UNUSABLE: {
    exitCode: ExitCode.usage,
    cause: 'the JWKS of a client holds no key it can sign with',
    fix: 'give a JWKS with a private RSA or EC P-384 key',
    command: HELP,
  },
  LOCAL_NOT_RUNNING: {
    exitCode: ExitCode.couldNotCheck,
    cause: 'the laptop stack is not running in this folder',
    fix: 'start it',
    command: 'smartfhir local up',
  },
  LOCAL_STATE_BROKEN: {
    exitCode: ExitCode.couldNotCheck,
    cause: 'a file of the laptop stack was changed or damaged',
    fix: 'start afresh; everything in the laptop stack is forgotten',
    command: 'smartfhir local reset',
  },
  LOCKED: {
    exitCode: ExitCode.locked,
    cause: 'another smartfhir process works on the same environment',
    fix: 'wait for it to end, or stop the process that is named',
    command: 'smartfhir local status',
  },
  MISSING_INPUT: {
    exitCode: ExitCode.usage,
    cause: 'values are missing and the tool may not ask (no terminal, CI, or --no-input)',
    fix: 'pass every value that is listed',
    command: HELP,
  },
  NODE_TOO_OLD: {
    exitCode: ExitCode.usage,
    cause: 'this Node.js version lacks features that smartfhir needs',
    fix: 'use Node.js ^22.22.2 or >=24.15',
    command: 'node --version',
  },
  NOT_OURS: {
    exitCode: ExitCode.usage,
    cause: 'a thing with the wanted name exists and was not made by this environment',
    fix: 'choose another name in smartfhir.yaml, or adopt it where that is offered',
    command: 'smartfhir plan',
  },
  NOT_PROVISIONED: {
    exitCode: ExitCode.couldNotCheck,
    cause: 'the environment is empty: nothing has been applied to it',
    fix: 'apply first',
    command: 'smartfhir apply',
  },
  NOT_SUPPORTED: {
    exitCode: ExitCode.usage,
    cause: 'the request names something this version does not do',
    fix: 'see the limits in the README',
    command: HELP,
  },
  OAUTH_REFUSED: {
    exitCode: ExitCode.couldNotCheck,
    cause: 'the authorization server refused a request of the launch',
    fix: 'the quoted error is the server’s own; where it names an AADSTS number, `smartfhir explain` knows it',
    command: 'smartfhir doctor URL',
  },
  OPERATION_TIMED_OUT: {
    exitCode: ExitCode.couldNotCheck,
    cause: 'an operation in the cloud did not end within its budget; it may still be running there',
    fix: 'run apply again; it picks the operation up where it is',
    command: 'smartfhir apply',
  },
  PLAN_STALE: {
    exitCode: ExitCode.locked,
    cause: 'what exists or what is wanted changed after the plan was made',
    fix: 'make a new plan and apply that',
    command: 'smartfhir plan',
  },
  PORT_IN_USE: {
    exitCode: ExitCode.couldNotCheck,
    cause: 'another process listens on a port of the laptop stack',
    fix: 'stop that process, or forget the chosen ports with `smartfhir local reset`',
    command: 'smartfhir local status',
  },
  RESPONSE_INVALID: {
    exitCode: ExitCode.couldNotCheck,
    cause: 'the server answered something that is not what the protocol prescribes',
    fix: 'look at the answer that is quoted; a wrong URL and a proxy page are the usual causes',
    command: 'smartfhir doctor URL',
  },
  SIGN_IN_FAILED: {
    exitCode: ExitCode.couldNotCheck,
    cause: 'the sign-in pages could not be passed by script',
    fix: 'check the username and password; for unknown pages launch in a browser instead of --headless',
    command: 'smartfhir launch standalone',
  },
  TIMEOUT: {
    exitCode: ExitCode.timeout,
    cause: 'the time budget was spent before the work ended',
    fix: 'give more time with --timeout, or find what is slow',
    command: HELP,
  },
  UNREACHABLE: {
    exitCode: ExitCode.couldNotCheck,
    cause: 'the host could not be reached: name, network, firewall or TLS',
    fix: 'check the URL and the network path from this machine',
    command: 'smartfhir doctor URL',
  },
  USAGE: {
    exitCode: ExitCode.usage,
    cause: 'the command line, or a file that it names, is not as the command needs it',
    fix: 'correct it; the help shows every option',
    command: HELP,
  },
} as const satisfies Record<string, ErrorCodeEntry>;

export type ErrorCode = keyof typeof ERROR_CODES;
