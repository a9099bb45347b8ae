export const TABLE_TYPE = 'Microsoft.Storage/storageAccounts/tableServices/tables';

/** 3–63 letters and digits, not beginning with a digit; `tables` is reserved. */
export function isTableName(name: string): boolean {
  return /^[A-Za-z][A-Za-z0-9]{2,62}$/.test(name) && name.toLowerCase() !== 'tables';
}

/** ARM id of a table: what its entities and role assignments hang on. */
export function tableId(accountId: string, name: string): string {
  return `${accountId}/tableServices/default/tables/${name}`;
}
