import { type Clock, MINUTE } from '../core/clock.ts';
import type { AuthorizedHttp } from './authorized-http.ts';
import { refusal } from './failure.ts';
import { type OperationWatch, pollPause } from './operation.ts';

const PUBLISH_BUDGET_MS = 10 * MINUTE;
const UPLOAD_BUDGET_MS = 5 * MINUTE;

/** Kudu's deployment states. */
const FAILED = 3;
const SUCCEEDED = 4;
const ENDED_OTHERWISE: ReadonlySet<number> = new Set([5, 6]);

/** Code of the refusal when Kudu took the package and could not put it in place. */
export const DEPLOYMENT_FAILED = 'DeploymentFailed';

export interface PublishOptions {
  readonly http: AuthorizedHttp;
  readonly clock: Clock;
  /** Scope of the token: Kudu takes ARM's. */
  readonly scope: string;
  /** `{app}.scm.azurewebsites.net` */
  readonly scmHost: string;
  readonly watch: OperationWatch;
}

/**
 * Publishes a zip to a Function app on Flex Consumption and waits until it is in place.
 *
 * @throws SmartfhirError `AZURE_REFUSED` when the deployment fails, `OPERATION_TIMED_OUT`
 */
export async function publishPackage(zip: Uint8Array, options: PublishOptions): Promise<void> {
  const { http, scope, scmHost, watch } = options;
  const base = `https://${scmHost}/api`;
  const answer = await http.send({
    method: 'POST',
    url: `${base}/publish?isAsync=true&Deployer=smartfhir&author=smartfhir&RemoteBuild=false`,
    scope,
    headers: { 'content-type': 'application/zip', 'if-match': '*' },
    body: zip,
    budgetMs: UPLOAD_BUDGET_MS,
  });
  const id = /[0-9a-f]{8}-[0-9a-f-]{27}/i.exec(answer.text)?.[0] ?? 'latest';
  const pause = pollPause({ clock: options.clock, watch, budgetMs: PUBLISH_BUDGET_MS }, 'the publication');
  for (;;) {
    const state = await http.send({
      method: 'GET',
      url: `${base}/deployments/${id}`,
      scope,
      accept: [404],
      signal: watch.signal,
    });
    const { status, text } = deploymentOf(state.text);
    if (status === SUCCEEDED) return;
    if (status === FAILED || (status !== undefined && ENDED_OTHERWISE.has(status))) {
      const told = { error: { code: DEPLOYMENT_FAILED, message: text } };
      throw refusal('the deployment of the package', 0, JSON.stringify(told));
    }
    watch.waiting('uploading package');
    await pause();
  }
}

function deploymentOf(body: string): { status: number | undefined; text: string } {
  try {
    const { status, status_text: text, message } = JSON.parse(body) as Record<string, unknown>;
    const said = [text, message].find((item) => typeof item === 'string' && item !== '');
    return { status: typeof status === 'number' ? status : undefined, text: String(said ?? '') };
  } catch {
    return { status: undefined, text: body.slice(0, 200) };
  }
}
