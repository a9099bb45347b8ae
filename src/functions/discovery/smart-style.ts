import { shortHash } from '../../core/ids.ts';

/** SMART 2.2.0 "Styling": the members the specification names. */
const STYLE = {
  color_background: '#ffffff',
  color_error: '#b3261e',
  color_highlight: '#0b5cad',
  color_modal_backdrop: '#00000080',
  color_success: '#1b7f3b',
  color_text: '#1a1a1a',
  dim_border_radius: '6px',
  dim_font_size: '16px',
  dim_spacing_size: '16px',
  font_family_body: "system-ui, 'Segoe UI', sans-serif",
  font_family_heading: "system-ui, 'Segoe UI', sans-serif",
} as const;

/** New content has to have a new URL: the version is the content's hash. */
const VERSION = shortHash(8, JSON.stringify(STYLE));

export function styleUrl(fhirBase: string): string {
  return `${fhirBase}/smart-style.json?v=${VERSION}`;
}

export function styleResponse(): Response {
  return Response.json(STYLE, { headers: { 'cache-control': 'public, max-age=3600' } });
}
