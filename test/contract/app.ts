import { systemClock } from '../../src/core/clock.ts';
import { Redactor } from '../../src/core/redact.ts';
import { authorizeHttpRequest, createAuthorizeRequest } from '../../src/smart/app/authorize-request.ts';
import { validateCallback } from '../../src/smart/app/callback.ts';
import { signIn } from '../../src/smart/app/sign-in.ts';
import { exchangeCode, type TokenSet } from '../../src/smart/app/token.ts';
import { discover, type SmartEndpoints } from '../../src/smart/discovery.ts';
import { Recorder, type Wire } from '../../src/smart/recorder.ts';
import { baseUrl, type ProfileClient } from '../../src/smart/server-profile.ts';
import type { ProvisionedStack } from '../support/provisioned-stack.ts';

/** A SMART app at a provisioned stack, honest unless a test makes it otherwise. */
export class TestApp {
  readonly #stack: ProvisionedStack;
  readonly wire: Wire;

  constructor(stack: ProvisionedStack) {
    this.#stack = stack;
    const { fetch } = stack.cloud;
    this.wire = new Recorder({
      fetch,
      redactor: new Redactor(),
      clock: systemClock,
      concurrency: 8,
    }).wire('attack');
  }

  get fhirBase(): string {
    return baseUrl(this.#stack.profile);
  }

  client(name: string): ProfileClient & { readonly redirectUri: string } {
    const client = this.#stack.profile.clients[name];
    if (client === undefined) throw new Error(`no client ${name}`);
    return { ...client, redirectUri: client.redirectUri ?? '' };
  }

  async endpoints(): Promise<SmartEndpoints & { readonly authorize: string }> {
    const { endpoints } = await discover(this.wire, this.fhirBase);
    return { ...endpoints, authorize: endpoints.authorize ?? '' };
  }

  /** Sends a request exactly as it is given, without following anything. */
  async send(
    url: string,
    init: RequestInit = {},
  ): Promise<{ status: number; headers: Headers; text: string }> {
    const response = await this.#stack.cloud.fetch(new Request(url, { redirect: 'manual', ...init }));
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  /** The redirect with the code of a launch, and what belongs to it. */
  async authorize(name: string, userName: string, options: { scope?: string; launch?: string } = {}) {
    const client = this.client(name);
    const endpoints = await this.endpoints();
    const request = createAuthorizeRequest({
      clientId: client.clientId,
      redirectUri: client.redirectUri,
      scope:
        options.scope ??
        client.scopes.filter((scope) => options.launch !== undefined || scope !== 'launch').join(' '),
      aud: this.fhirBase,
      ...(options.launch === undefined ? {} : { launch: options.launch }),
    });
    const outcome = await signIn({
      wire: this.wire,
      request: authorizeHttpRequest(endpoints.authorize, request.parameters),
      redirectUri: client.redirectUri,
      user: this.#stack.profile.users[userName],
    });
    if (outcome.kind !== 'redirected') throw new Error(`sign-in stopped: ${outcome.text}`);
    return { client, endpoints, request, callback: outcome.url };
  }

  async signIn(
    name: string,
    userName: string,
    options: { scope?: string; launch?: string } = {},
  ): Promise<TokenSet> {
    const { client, endpoints, request, callback } = await this.authorize(name, userName, options);
    const validated = validateCallback(callback, { state: request.state, issuer: endpoints.issuer });
    const context = { wire: this.wire, tokenUrl: endpoints.token, client, now: () => systemClock.now() };
    return await exchangeCode(context, validated, {
      redirectUri: client.redirectUri,
      verifier: request.pkce.verifier,
    });
  }
}
