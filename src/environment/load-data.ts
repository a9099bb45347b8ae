import type { CommandContext } from '../core/command.ts';
import { type LoadableResource, loadResources } from '../data/load.ts';
import { readOutputs } from '../provision/outputs.ts';
import { openSession } from '../provision/session.ts';
import { resolveEnvironment } from './resolve.ts';

/** Writes resources into the FHIR service of the environment that the flags name. */
export async function loadInto(
  context: CommandContext,
  resources: readonly LoadableResource[],
): Promise<{ created: number; updated: number }> {
  const environment = await resolveEnvironment(context);
  try {
    const session = await openSession(environment.provision);
    const { azure } = await readOutputs(session);
    return await loadResources(resources, {
      fetch: environment.target.fetch,
      fhirUrl: azure.fhirServiceUrl,
      token: await session.reader.http.token(`${azure.fhirAudience}/.default`),
      signal: context.signal,
      onProgress: (done, total) => context.output.progress(`${done} of ${total}`),
    });
  } finally {
    await environment.close();
  }
}
