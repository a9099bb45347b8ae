/** A policy document or fragment that ships with smartfhir: XML with raw expressions (`format: rawxml`). */
export type PolicyFile = 'fhir-api.xml' | 'auth-api.xml' | 'public-document.xml' | 'forward-to-function.xml';

export interface TemplateParameter {
  readonly name: string;
  readonly type: 'string';
  readonly required: boolean;
}

/** `apis/{api}/operations/{id}`. */
export interface OperationTemplate {
  readonly id: string;
  readonly displayName: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD';
  readonly urlTemplate: string;
  readonly templateParameters?: readonly TemplateParameter[];
  /** Policy of its own; absent: only the API's. */
  readonly policy?: PolicyFile;
}

/** `apis/{id}`: no subscription key, clients bring tokens. */
export interface ApiTemplate {
  readonly id: string;
  readonly displayName: string;
  readonly path: string;
  readonly protocols: readonly ('http' | 'https')[];
  readonly subscriptionRequired: false;
  readonly policy: PolicyFile;
  readonly operations: readonly OperationTemplate[];
}

/** `policyFragments/{id}`. */
export interface FragmentTemplate {
  readonly id: string;
  readonly description: string;
  readonly policy: PolicyFile;
}

/** `namedValues/{name}`: what `provision` has to fill in; id and display name are the same. */
export interface NamedValueTemplate {
  readonly name: NamedValueName;
  readonly description: string;
  /** Kept in Key Vault and referred to by secret identifier without version. */
  readonly keyVault: boolean;
}

export type NamedValueName =
  | 'allowed-origins'
  | 'fhir-audience'
  | 'function-base-url'
  | 'functions-key'
  | 'issuer'
  | 'openid-config-url';
