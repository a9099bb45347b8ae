import { json, patch, rebuilt, withHeaders } from '../answers.ts';
import type { Asked } from '../asked.ts';
import { breaks, type Fault } from '../fault.ts';
import { fhirPath, isFile, isMetadata, isTokenOf } from '../requests.ts';

type Item = { type: string; url: string; count?: number };

const isKickOff = (asked: Asked): boolean =>
  /^Group\/[^/]+\/\$export$/.test(fhirPath(asked) ?? '') && asked.method === 'GET';
const isStatus = (asked: Asked): boolean => /^_operations\/export\//.test(fhirPath(asked) ?? '');
const isPoll = (asked: Asked): boolean =>
  isStatus(asked) && asked.method === 'GET' && isTokenOf(asked, 'backend');
const isAnonymous = (asked: Asked): boolean => asked.authorization === undefined;
const isOther = (asked: Asked): boolean => isTokenOf(asked, 'backend-2');
const OK: Fault['answer'] = async () => json(200, { transactionTime: '2026-01-01T00:00:00Z' });
const ACCEPTED: Fault['answer'] = async () => new Response(null, { status: 202 });

/** The manifest with one change. */
function manifest(
  check: string,
  name: string,
  change: (body: Record<string, unknown> & { output: Item[] }, asked: Asked) => void,
): Fault {
  return breaks(
    check,
    name,
    isPoll,
    patch((body, asked) => {
      if (Array.isArray(body['output'])) change(body as Record<string, unknown> & { output: Item[] }, asked);
    }),
  );
}

/** Requests to another host, led back to the gateway or the files' host. */
async function through(
  asked: Asked,
  origin: string,
  next: (request: Request) => Promise<Response>,
): Promise<Response> {
  const url = `${origin}${asked.url.pathname}${asked.url.search}`;
  return await next(new Request(url, { method: asked.method, headers: asked.request.headers }));
}

/** The first file of the manifest, its text changed. */
function firstFile(check: string, name: string, change: (text: string) => string): Fault {
  return breaks(
    check,
    name,
    (asked) => isFile(asked) && asked.path.endsWith('/0') && isTokenOf(asked, 'backend'),
    async (asked, next) => {
      const response = await next(asked.request);
      return rebuilt(response, change(await response.text()));
    },
  );
}

const RAW = 'https://smartexport.blob.core.windows.net';
const INTERNAL = 'http://backend.internal';

export const bulkFaults: readonly Fault[] = [
  breaks(
    'bulk/kick-off',
    'the accepted export has no status URL',
    (asked) => isKickOff(asked) && !isAnonymous(asked) && asked.url.search === '',
    withHeaders({ 'content-location': undefined }),
  ),
  breaks(
    'bulk/content-location',
    'the status URL names the backend',
    (asked) => (isKickOff(asked) && !isAnonymous(asked)) || asked.url.origin === INTERNAL,
    async (asked, next) => {
      const { origin } = new URL(asked.profile.fhirUrl);
      if (asked.url.origin === INTERNAL) return await through(asked, origin, next);
      const response = await next(asked.request);
      const location = response.headers.get('content-location');
      const headers = new Headers(response.headers);
      if (location !== null) headers.set('content-location', location.replace(origin, INTERNAL));
      return new Response(response.body, { status: response.status, headers });
    },
  ),
  breaks(
    'bulk/kick-off-guarded',
    'exports need no token',
    (asked) => isKickOff(asked) && isAnonymous(asked),
    async (asked) =>
      new Response(null, {
        status: 202,
        headers: { 'content-location': `${asked.profile.fhirUrl}/_operations/export/1` },
      }),
  ),
  breaks('bulk/declared', 'the export is not declared', isMetadata, async (asked, next) => {
    const response = await next(asked.request);
    return rebuilt(
      response,
      (await response.text()).replaceAll('"export"', '"dump"').replaceAll('"group-export"', '"group-dump"'),
    );
  }),
  manifest('bulk/manifest', 'the transaction time is left out', (body) => {
    delete body['transactionTime'];
  }),
  manifest('bulk/public-request-url', 'the manifest names the raw FHIR service', (body) => {
    body['request'] = 'https://w-f.fhir.azurehealthcareapis.com/Group/1/$export';
  }),
  manifest('bulk/absolute-file-urls', 'a file URL is relative', (body) => {
    const first = body.output[0];
    if (first !== undefined) first.url = new URL(first.url).pathname;
  }),
  breaks(
    'bulk/raw-file-hosts',
    'a file URL leads to the storage account',
    (asked) => isPoll(asked) || asked.url.origin === RAW,
    async (asked, next) => {
      if (asked.url.origin === RAW) return await through(asked, asked.memory.notes.get('files') ?? '', next);
      return await patch((body) => {
        const [first] = (body['output'] as Item[] | undefined) ?? [];
        if (first === undefined) return;
        const { origin } = new URL(first.url);
        asked.memory.notes.set('files', origin);
        first.url = first.url.replace(origin, RAW);
      })(asked, next);
    },
  ),
  firstFile('bulk/ndjson-lines', 'a file is cut off', (text) => text.slice(0, -20)),
  breaks(
    'bulk/file-media-type',
    'files come as plain JSON',
    (asked) => isFile(asked) && isTokenOf(asked, 'backend'),
    withHeaders({ 'content-type': 'application/json' }),
  ),
  manifest('bulk/counts', 'a count is wrong', (body) => {
    const first = body.output[0];
    if (first !== undefined) first.count = (first.count ?? 0) + 99;
  }),
  firstFile('bulk/unique-ids', 'a resource is exported twice', (text) => {
    const lines = text.trimEnd().split('\n');
    return `${[...lines.slice(0, -1), lines[0]].join('\n')}\n`;
  }),
  breaks(
    'bulk/several-patients',
    'only one patient is exported',
    (asked) => isPoll(asked) || (isFile(asked) && isTokenOf(asked, 'backend')),
    async (asked, next) => {
      if (isFile(asked)) {
        const response = await next(asked.request);
        if (asked.memory.notes.get('patients') !== asked.url.href) return response;
        return rebuilt(response, `${(await response.text()).split('\n')[0]}\n`);
      }
      return await patch((body) => {
        const patients = ((body['output'] as Item[] | undefined) ?? []).find(
          (item) => item.type === 'Patient',
        );
        if (patients === undefined) return;
        asked.memory.notes.set('patients', patients.url);
        patients.count = 1;
      })(asked, next);
    },
  ),
  manifest('bulk/us-core-types', 'devices are not exported', (body) => {
    body.output = body.output.filter(({ type }) => type !== 'Device');
  }),
  breaks(
    'bulk/status-guarded',
    'anybody sees the status',
    (asked) => isStatus(asked) && asked.method === 'GET' && isAnonymous(asked),
    OK,
  ),
  breaks(
    'bulk/status-client-bound',
    'every client sees the status',
    (asked) => isStatus(asked) && asked.method === 'GET' && isOther(asked),
    OK,
  ),
  breaks(
    'bulk/delete-guarded',
    'anybody cancels exports',
    (asked) => isStatus(asked) && asked.method === 'DELETE' && isAnonymous(asked),
    ACCEPTED,
  ),
  breaks(
    'bulk/delete-client-bound',
    'every client cancels exports',
    (asked) => isStatus(asked) && asked.method === 'DELETE' && isOther(asked),
    ACCEPTED,
  ),
  breaks('bulk/file-guarded', 'anybody reads files', (asked) => isFile(asked) && isAnonymous(asked), OK),
  breaks(
    'bulk/file-client-bound',
    'every client reads files',
    (asked) => isFile(asked) && isOther(asked),
    OK,
  ),
  breaks(
    'bulk/cancel',
    'cancelling answers 200',
    (asked) => isStatus(asked) && asked.method === 'DELETE' && isTokenOf(asked, 'backend'),
    async (asked, next) => {
      const response = await next(asked.request);
      return new Response(response.body, {
        status: response.status === 202 ? 200 : response.status,
        headers: response.headers,
      });
    },
  ),
  breaks(
    'bulk/deleted-is-gone',
    'cancelled jobs stay',
    (asked) => asked.method === 'GET' && asked.memory.cancelled.has(asked.path),
    OK,
  ),
  breaks(
    'bulk/deleted-is-gone',
    'the outcome has an id that FHIR does not allow',
    (asked) => asked.method === 'GET' && asked.memory.cancelled.has(asked.path),
    patch((body) => {
      body['id'] = 'not_a_fhir_id';
    }),
  ),
  breaks(
    'bulk/output-formats',
    'the short name of the format is refused',
    (asked) => isKickOff(asked) && asked.query.get('_outputFormat') === 'ndjson',
    async () => json(400, { resourceType: 'OperationOutcome' }),
  ),
];
