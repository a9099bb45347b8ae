import type { Interaction } from './interaction.ts';

/** The interaction's own URL with another continuation token. */
function pageLink(interaction: Interaction, continuation: string | undefined): string {
  const place = `${interaction.store.base}/${interaction.path.join('/')}`;
  const query = new URLSearchParams();
  for (const [name, value] of interaction.query) if (name !== 'ct') query.append(name, value);
  if (continuation !== undefined) query.append('ct', continuation);
  return query.size === 0 ? place : `${place}?${query}`;
}

export function pageLinks(
  interaction: Interaction,
  next: string | undefined,
): { relation: string; url: string }[] {
  const ct = interaction.query.find(([name]) => name === 'ct')?.[1];
  const self = { relation: 'self', url: pageLink(interaction, ct) };
  return next === undefined ? [self] : [{ relation: 'next', url: pageLink(interaction, next) }, self];
}
