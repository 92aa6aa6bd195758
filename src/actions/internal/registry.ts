import { keepRecord } from '#actions/internal/keep-record';
import { ownPage } from '#actions/internal/own-page';
import { ownRequest } from '#actions/internal/own-request';
import { productFigures } from '#actions/internal/product-figures';
import { catalog } from '#actions/registry';
import type { Action, ActionCatalog } from '#core/action';

const internal = new Map<string, Action>(
  [keepRecord, ownPage, ownRequest, productFigures].map((action) => [
    action.type,
    action as Action,
  ]),
);

/**
 * What runs may execute: every action type, and those that only the product's own automations may use.
 * Nobody can save an agent with one of these: the API validates against the public catalogue.
 */
export const executable: ActionCatalog = {
  actions: catalog.actions,
  find: (type) => catalog.find(type) ?? internal.get(type),
};
