import type { SignInStep } from '../../smart/app/sign-in.ts';

/** The protective headers of one HTML page of a sign-in. */
export interface PageFacts {
  readonly at: string;
  readonly url: string;
  readonly status: number;
  readonly frameOptions: string | null;
  readonly contentSecurityPolicy: string | null;
  readonly referrerPolicy: string | null;
}

export function pagesOf(steps: readonly SignInStep[]): readonly PageFacts[] {
  return steps
    .filter((step) => step.page && step.status < 300)
    .map((step) => ({
      at: step.at,
      url: step.url,
      status: step.status,
      frameOptions: step.headers.get('x-frame-options'),
      contentSecurityPolicy: step.headers.get('content-security-policy'),
      referrerPolicy: step.headers.get('referrer-policy'),
    }));
}

export function redirectsAfterPost(steps: readonly SignInStep[]): readonly { status: number; at: string }[] {
  return steps
    .filter((step) => step.method === 'POST' && step.status >= 300 && step.status < 400)
    .map(({ status, at }) => ({ status, at }));
}
