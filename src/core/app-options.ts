import type { OptionDefinition } from './command.ts';

/** Options of the commands that play an app: which, for whom, how somebody signs in, where the app listens. */
export const APP_OPTIONS = {
  client: { flags: '--client <name>', summary: 'which registered app; the first that fits' },
  user: { flags: '--user <name>', summary: 'who signs in' },
  scope: { flags: '--scope <scopes>', summary: 'scopes to ask for; all registered ones by default' },
  headless: { flags: '--headless', summary: 'sign in by script, without a person' },
  driver: {
    flags: '--driver <kind>',
    summary: 'what signs in with --headless',
    choices: ['script', 'browser'],
    default: 'script',
  },
  open: { flags: '--no-open', summary: 'print the URL, do not open a browser' },
  callbackPort: { flags: '--callback-port <port>', summary: 'port of our app; must be registered' },
} as const satisfies Readonly<Record<string, OptionDefinition>>;
