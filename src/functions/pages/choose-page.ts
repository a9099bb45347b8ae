import { describeScope, SCOPED_TYPES } from '../../smart/scope-table.ts';
import { parseResourceScope, type ResourceScope, type Scope } from '../../smart/scopes.ts';
import { type Html, html } from './html.ts';
import { page } from './page.ts';

export interface ChoosePage {
  readonly clientName: string;
  readonly username: string;
  readonly patient: string | undefined;
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
  const body = html`<h1>What may ${content.clientName} do?</h1>
<p>You are signed in as <strong>${content.username}</strong>.${patientLine(content.patient)}</p>
<form method="post" action="${content.action}">
<input type="hidden" name="transaction" value="${content.transaction}">
<input type="hidden" name="csrf" value="${content.csrf}">
${fieldset('Health records', records)}
${fieldset('How long', stay)}
${fieldset('Always part of this sign-in', fixed)}
<p class="note">Untick what the app must not see. You can revoke access later.</p>
<p><button class="main" type="submit" name="decision" value="allow">Allow</button>
<button type="submit" name="decision" value="deny">Deny</button></p>
</form>`;
  return page(body, { title: 'Choose what the app may do', formAction: content.formAction });
}

function patientLine(patient: string | undefined): Html {
  return patient === undefined
    ? html``
    : html` The app will work with the record of patient <code>${patient}</code>.`;
}

function fieldset(title: string, scopes: readonly Scope[]): Html {
  if (scopes.length === 0) return html``;
  return html`<fieldset><legend>${title}</legend>
${scopes.map((scope) => html`${checkbox(scope, true)}${onlySome(scope)}`)}
</fieldset>`;
}

function onlySome(scope: Scope): Html {
  const types = singleTypes(scope);
  if (types.length === 0) return html``;
  return html`<details><summary>Only some of them: untick the line above and choose here</summary>
${types.map((type) => checkbox(type, false))}</details>
`;
}

function checkbox(scope: Scope, ticked: boolean): Html {
  const state = isFixed(scope) ? html` checked disabled` : ticked ? html` checked` : html``;
  return html`<label><input type="checkbox" name="scope" value="${scope.text}"${state}>
<span class="what">${describeScope(scope.text)} <code>${scope.text}</code></span></label>
`;
}
