import { describeScope, nameOfType, SCOPED_TYPES } from '../../smart/scope-table.ts';
import { parseResourceScope, type ResourceScope, type Scope } from '../../smart/scopes.ts';
import { type Html, html } from './html.ts';
import { page } from './page.ts';

export interface ChoosePage {
  readonly clientName: string;
  readonly username: string;
  readonly patient: string | undefined;
  /** Host (or scheme) of the app that asked: what the user can recognise. */
  readonly returnTo: string;
  /** Host of this server. */
  readonly server: string;
  readonly scopes: readonly Scope[];
  readonly transaction: string;
  readonly csrf: string;
  readonly action: string;
  readonly formAction: readonly string[];
}

/** Scopes that are part of the launch itself: shown, not chosen. */
export function isFixed(scope: Scope): boolean {
  return scope.kind === 'launch' || (scope.kind === 'oidc' && !scope.text.endsWith('_access'));
}

/**
 * What a scope for all types may be narrowed to, one type each: 170.315(g)(10) lets patients decide by resource
 * type, whatever the app asks for. Empty for scopes that name their type.
 */
export function singleTypes(scope: Scope): readonly ResourceScope[] {
  if (scope.kind !== 'resource' || scope.type !== '*') return [];
  return SCOPED_TYPES.flatMap((type) => parseResourceScope(scope.text.replace('/*.', `/${type}.`)) ?? []);
}

/** Where the user decides what the app may do: one checkbox a scope, everything ticked, nothing granted unseen. */
export function choosePage(content: ChoosePage): Response {
  const fixed = content.scopes.filter(isFixed);
  const stay = content.scopes.filter((scope) => scope.kind === 'oidc' && !isFixed(scope));
  const records = content.scopes.filter((scope) => scope.kind === 'resource');
  const body = html`<h1>${content.clientName} asks for access to health records</h1>
<dl>
<dt>Signed in as</dt><dd>${content.username}</dd>
${patientLine(content.patient)}<dt>Back to</dt><dd>${content.returnTo}</dd>
</dl>
<form method="post" action="${content.action}">
<input type="hidden" name="transaction" value="${content.transaction}">
<input type="hidden" name="csrf" value="${content.csrf}">
${fieldset('Health records the app may read', records)}
${fieldset('How long', stay)}
${fieldset('Always part of this sign-in', fixed)}
<div class="decide">
<p class="note">Untick what the app must not see. It gets what stays ticked and nothing else.</p>
<p class="buttons"><button class="main" type="submit" name="decision" value="allow">Allow</button>
<button type="submit" name="decision" value="deny">Deny</button></p>
</div>
</form>`;
  const footer = html`Only allow apps that you know. This page belongs to ${content.server}.`;
  return page(body, { title: 'Choose what the app may see', formAction: content.formAction, footer });
}

function patientLine(patient: string | undefined): Html {
  return patient === undefined
    ? html``
    : html`<dt>Patient</dt><dd>${patient}</dd>
`;
}

function fieldset(title: string, scopes: readonly Scope[]): Html {
  if (scopes.length === 0) return html``;
  return html`<fieldset><legend>${title}</legend>
${scopes.map((scope) => html`${checkbox(scope, describeScope(scope.text), true)}${onlySome(scope)}`)}
</fieldset>`;
}

function onlySome(scope: Scope): Html {
  const types = singleTypes(scope);
  if (types.length === 0) return html``;
  return html`<details><summary>Choose single kinds of record instead</summary>
<p class="note covered">Untick the line above first: while it is ticked, the app gets every kind of record.</p>
<div class="types">${types.map((type) => checkbox(type, sentence(nameOfType(type.type)), false))}</div></details>
`;
}

function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

function checkbox(scope: Scope, words: string, ticked: boolean): Html {
  const state = isFixed(scope) ? html` checked disabled` : ticked ? html` checked` : html``;
  return html`<label><input type="checkbox" name="scope" value="${scope.text}"${state}>
<span class="what">${words} <code>${scope.text}</code></span></label>
`;
}
