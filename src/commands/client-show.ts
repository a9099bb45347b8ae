import { defineCommand, flagOption } from '../core/command.ts';
import { SmartfhirError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';

export const clientShow = defineCommand({
  path: ['client', 'show'],
  summary: 'show one registered SMART app',
  arguments: [{ name: '<name>', summary: 'name of the client, as in smartfhir.yaml' }],
  options: {
    withSecret: { flags: '--with-secret', summary: 'also its client secret or private JWKS, from Key Vault' },
  },
  effects: { network: ['Azure Resource Manager, Microsoft Graph and Key Vault, reading'], writes: [] },
  examples: ['smartfhir client show backend --local --with-secret -o json'],
  async run(input, context) {
    const [wanted = ''] = input.args;
    const { withOutputs } = await import('../environment/provisioned.ts');
    const document = await withOutputs(context, async (known, session) => {
      const client = known.clients.find(({ name }) => name === wanted);
      if (client === undefined)
        throw await unknownClient(
          wanted,
          known.clients.map(({ name }) => name),
        );
      if (!flagOption(input, 'withSecret')) return client;
      return { ...client, ...(await readSecret(session, known, wanted, client.auth)) };
    });
    context.output.result(document, () =>
      Object.entries(document)
        .map(
          ([key, value]) => `${key.padEnd(14)} ${typeof value === 'string' ? value : JSON.stringify(value)}`,
        )
        .join('\n'),
    );
    return ExitCode.ok;
  },
});

type Session = import('../provision/session.ts').Session;
type StackOutputs = import('../provision/outputs.ts').StackOutputs;

async function readSecret(session: Session, known: StackOutputs, name: string, auth: string) {
  const { clientSecret, privateJwks } = await import('../provision/outputs.ts');
  if (auth === 'secret') return { clientSecret: (await clientSecret(session, known, name)) ?? null };
  if (auth === 'public') return {};
  const text = await privateJwks(session, known, name);
  // A client whose JWKS is somebody else's has no private key here.
  return { privateJwks: text === undefined ? null : (JSON.parse(text) as unknown) };
}

async function unknownClient(name: string, names: readonly string[]): Promise<SmartfhirError> {
  const { nearest } = await import('../config/nearest.ts');
  const meant = nearest(name, names);
  return new SmartfhirError('USAGE', `no client "${name}" in this environment`, {
    why: `its clients are ${names.join(', ')}`,
    fix: meant === undefined ? 'name one of them' : `did you mean "${meant}"?`,
    command: 'smartfhir client list',
  });
}
