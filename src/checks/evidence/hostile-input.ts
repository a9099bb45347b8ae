import { authorizeHttpRequest, createAuthorizeRequest } from '../../smart/app/authorize-request.ts';
import { smartConfigurationUrl } from '../../smart/discovery.ts';
import { baseUrl } from '../../smart/server-profile.ts';
import { altered } from './authorize.ts';
import { configuration, configurationBody, NO_AUTHORIZE } from './configuration.ts';
import { defineEvidence, required } from './evidence.ts';

export interface ForwardedFacts {
  readonly at: string;
  /** Does the document name the host that only a header claimed? */
  readonly namesForeignHost: boolean;
  readonly status: number;
}

const FOREIGN_HOST = 'gateway.example.org';

/** The SMART configuration asked for with forwarding headers that a proxy should not believe. */
export const forwardedHeaders = defineEvidence<ForwardedFacts>({
  id: 'forwardedHeaders',
  async gather(probe) {
    await probe.use(configurationBody);
    const answer = await probe.wire.send({
      url: smartConfigurationUrl(baseUrl(probe.profile)),
      headers: {
        accept: 'application/json',
        'x-forwarded-host': FOREIGN_HOST,
        'x-original-host': FOREIGN_HOST,
        forwarded: `host=${FOREIGN_HOST}`,
      },
    });
    const facts = {
      at: answer.at,
      namesForeignHost: answer.text.includes(FOREIGN_HOST),
      status: answer.status,
    };
    return { facts, live: undefined };
  },
});

export interface ErrorPageFacts {
  readonly at: string;
  readonly status: number;
  /** Is markup from the request in the page as markup? */
  readonly reflectsMarkup: boolean;
  readonly stackTrace: boolean;
}

const MARKUP = '"><script>smartfhir()</script>';
const STACK =
  /\bat\s+\S+\s*\(?(?:file:\/\/|\/|[A-Z]:\\)\S+:\d+|Traceback \(most recent|\.cs:line \d+|Exception in thread/;

/** The authorize endpoint's answer to a client id that is markup. */
export const errorPage = defineEvidence<ErrorPageFacts>({
  id: 'errorPage',
  async gather(probe) {
    const { endpoints } = await probe.use(configuration);
    const endpoint = required(endpoints.authorize, NO_AUTHORIZE);
    const { parameters } = createAuthorizeRequest({
      clientId: MARKUP,
      redirectUri: 'https://app.example.org/callback',
      scope: 'openid',
      aud: baseUrl(probe.profile),
    });
    const all = altered(parameters, { state: MARKUP });
    const answer = await probe.wire.send({
      ...authorizeHttpRequest(endpoint, all),
      headers: { accept: 'text/html,*/*' },
    });
    const html = /html/i.test(answer.headers.get('content-type') ?? 'text/html');
    const facts: ErrorPageFacts = {
      at: answer.at,
      status: answer.status,
      reflectsMarkup: html && answer.text.includes('<script>smartfhir()'),
      stackTrace: STACK.test(answer.text),
    };
    return { facts, live: undefined };
  },
});
