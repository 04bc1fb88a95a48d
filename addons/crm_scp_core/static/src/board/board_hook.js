import { onWillStart, useState } from "@odoo/owl";
import { KeepLast } from "@web/core/utils/concurrency";
import { useSetupAction } from "@web/search/action_hook";

/**
 * State of a board: its filters, which survive the breadcrumb, and the data they lead to. A change
 * of filters that the server refuses is told and leaves the board as it was.
 *
 * @param {Object} props of the client action
 * @param {Object} filters the first ones
 * @param {(filters: Object) => Promise<Object>} fetch
 */
export function useBoard(props, filters, fetch) {
    const keepLast = new KeepLast();
    const state = useState({
        filters: props.state?.filters || filters,
        data: undefined,
        isLoading: false,
    });

    async function load(change = {}) {
        const next = { ...state.filters, ...change };
        state.isLoading = true;
        try {
            state.data = await keepLast.add(fetch(next));
            state.filters = next;
        } finally {
            state.isLoading = false;
        }
    }

    useSetupAction({ getLocalState: () => ({ filters: { ...state.filters } }) });
    onWillStart(load);
    return { state, load };
}
