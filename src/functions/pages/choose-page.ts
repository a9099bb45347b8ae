import { describeScope, GRANULAR_CATEGORIES, nameOfType, SCOPED_TYPES } from '../../smart/scope-table.ts';
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

const FEW = 5;

/** Scopes that are part of the launch itself: shown, not chosen. */
export function isFixed(scope: Scope): boolean {
  return scope.kind === 'launch' || (scope.kind === 'oidc' && !scope.text.endsWith('_access'));
}

/**
 * What a scope may be narrowed to: one for all types to single types, one for a type to single categories of it.
 * 170.315(g)(10) lets patients decide by resource type and below, whatever the app asks for. Version 1 scopes have
 * no constraints (SMART 2.2.0), and a scope that has one is not narrowed further.
 */
export function narrowings(scope: Scope): readonly ResourceScope[] {
  if (scope.kind !== 'resource' || scope.constraints.length > 0) return [];
  const texts =
    scope.type === '*'
      ? SCOPED_TYPES.map((type) => scope.text.replace('/*.', `/${type}.`))
      : GRANULAR_CATEGORIES.filter(({ type }) => type === scope.type && scope.text.endsWith('.rs')).map(
          ({ system, code }) => `${scope.text}?category=${system}|${code}`,
        );
  return texts.flatMap((text) => parseResourceScope(text) ?? []);
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
${scopes.map((scope) => html`${checkbox(scope, describeScope(scope.text), true)}${onlySome(scope, scopes.length)}`)}
</fieldset>`;
}

/** @param among how many scopes are on offer; where they are few, nothing is folded away */
function onlySome(scope: Scope, among: number): Html {
  const parts = narrowings(scope);
  if (parts.length === 0 || scope.kind !== 'resource') return html``;
  const all = scope.type === '*' ? 'every kind of record' : `all ${nameOfType(scope.type)}`;
  const kinds = scope.type === '*' ? 'kinds of record' : 'categories';
  const open = scope.type !== '*' && among <= FEW ? html` open` : html``;
  return html`<details${open}><summary>Choose single ${kinds} instead</summary>
<p class="note covered">Untick the line above first: while it is ticked, the app gets ${all}.</p>
<div class="types">${parts.map((part) => checkbox(part, nameOfPart(part), false))}</div></details>
`;
}

function nameOfPart(part: ResourceScope): string {
  const [constraint] = part.constraints;
  if (constraint === undefined) return sentence(nameOfType(part.type));
  return sentence((constraint.value.split('|').at(-1) ?? '').replaceAll('-', ' '));
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
