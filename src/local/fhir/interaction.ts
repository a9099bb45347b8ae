import type { Fabric } from '../fabric.ts';
import type { Caller } from './caller.ts';
import type { Issue } from './fhir-error.ts';
import type { FhirStore } from './store/fhir-store.ts';

/** One FHIR interaction, alone or as an entry of a bundle. Everything about it has been read: it runs synchronously. */
export interface Interaction {
  readonly fabric: Fabric;
  readonly store: FhirStore;
  readonly caller: Caller;
  readonly method: string;
  /** Decoded path segments below the base. */
  readonly path: readonly string[];
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly headers: Headers;
  readonly body: unknown;
  /** The request as the client wrote it, for self links. */
  readonly url: string;
  readonly inBundle: boolean;
  /** `no-version`, `versioned` or `versioned-update`, as the service is configured for the type. */
  readonly versionPolicy: (type: string) => string;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A JSON value, or the text of one. */
  readonly body?: unknown;
}

/** `Prefer: handling=strict, return=minimal` as a map; later values win. */
export function preferences(headers: Headers): ReadonlyMap<string, string> {
  const parts = (headers.get('prefer') ?? '').split(/[,;]/).map((part) => part.trim());
  return new Map(
    parts.flatMap((part) => {
      const [name = '', value = ''] = part.split('=').map((item) => item.trim());
      return name === '' ? [] : [[name.toLowerCase(), value.toLowerCase()] as const];
    }),
  );
}

export function warning(code: string, diagnostics: string): Issue {
  return { severity: 'warning', code, diagnostics };
}

export function information(diagnostics: string): Issue {
  return { severity: 'information', code: 'informational', diagnostics };
}
