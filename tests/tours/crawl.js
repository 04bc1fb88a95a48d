/**
 * Opens every screen of the suite that the user may see, in the web client itself.
 *
 * Evaluated in the page by `test_crawl.py`, which puts `const PARAMETERS = {partners, actions, minimum, choices}`
 * in front: ids of partners whose page is opened, xml ids of further actions, the number of
 * screens below which the crawl proves nothing, and whether there are boards with lists to choose from. Throws at the first error; the screens visited so
 * far are in the console. Anything that writes to `console.error` ends the test by itself.
 */
(async () => {
    const modules = odoo.loader.modules;
    const { rpcBus } = modules.get("@web/core/network/rpc");
    const { env } = modules.get("@odoo/owl").Component;
    const { action, menu, orm } = env.services;
    const OURS = /^crm_scp_/;
    const ROOT = "crm_scp_core.menu_scp_root";
    const LIMIT_MS = 20000;

    // ---------------------------------------------------------------- waiting and noticing

    const pending = new Set();
    let rpcError = null;
    rpcBus.addEventListener("RPC:REQUEST", ({ detail }) => {
        if (!detail.settings.silent) {
            pending.add(detail.data.id);
        }
    });
    rpcBus.addEventListener("RPC:RESPONSE", ({ detail }) => {
        pending.delete(detail.data.id);
        if (detail.error && detail.error.name !== "ConnectionAbortedError") {
            rpcError = detail.error.data?.message || detail.error.message;
        }
    });
    const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));

    /** Wait until the client has been without a request and without a change for a moment. */
    async function settled(what) {
        const start = Date.now();
        let quiet = 0;
        while (quiet < 3) {
            await frame();
            await pause(15);
            quiet = pending.size ? 0 : quiet + 1;
            if (Date.now() - start > LIMIT_MS) {
                throw new Error(`${what}: still loading after ${LIMIT_MS} ms`);
            }
        }
    }

    /** Throw when the last step left an error behind or nothing on the screen. */
    function inspect(what) {
        const dialog = document.querySelector(".o_error_dialog, .modal .o_dialog_warning");
        const message = document.querySelector(".o_notification_bar.bg-danger, .o_notification .bg-danger");
        if (rpcError || dialog || message) {
            throw new Error(`${what}: ${rpcError || (dialog || message.parentElement).textContent}`);
        }
        if (!document.querySelector(".o_action_manager > *, .o_dialog")) {
            throw new Error(`${what}: nothing on the screen`);
        }
    }

    let visited = 0;
    let chosen = 0;
    async function visit(what, open) {
        await open();
        await settled(what);
        inspect(what);
        visited += 1;
        console.log(`screen ${visited}: ${what}`);
    }

    // ---------------------------------------------------------------- screens

    async function everyTab(what) {
        const count = document.querySelectorAll(".o_form_view .o_notebook_headers .nav-link").length;
        for (let index = 0; index < count; index++) {
            const tab = document.querySelectorAll(".o_form_view .o_notebook_headers .nav-link")[index];
            if (tab) {
                const name = tab.textContent.trim();
                tab.click();
                await settled(`${what}, tab ${name}`);
                inspect(`${what}, tab ${name}`);
            }
        }
    }

    /** Choose the last and the first entry of each list that a board is filtered by. */
    async function everyChoice(what) {
        const count = document.querySelectorAll(".o_scp_board select").length;
        for (let index = 0; index < count; index++) {
            for (const position of [-1, 0]) {
                const list = document.querySelectorAll(".o_scp_board select")[index];
                const option = list && [...list.options].at(position);
                if (option && !option.selected) {
                    const name = `${what}, ${list.ariaLabel} ${option.text}`;
                    list.value = option.value;
                    list.dispatchEvent(new Event("change", { bubbles: true }));
                    await settled(name);
                    inspect(name);
                    chosen += 1;
                }
            }
        }
    }

    /** Open the records behind the first and the last figure of a board. */
    async function openFigures(what, request) {
        for (const position of [0, -1]) {
            const figure = [...document.querySelectorAll(".o_scp_board button.o_scp_figure")].at(position);
            if (figure) {
                await visit(`${what}, figure ${figure.textContent}`, () => figure.click());
                await visit(what, () => action.doAction(request, { clearBreadcrumbs: true }));
            }
        }
    }

    async function form(what, resModel, domain, context) {
        const [resId] = await orm.search(resModel, domain, { limit: 1, context });
        if (resId) {
            await visit(`${what}, form of record ${resId}`, () => action.switchView("form", { resId }));
            await everyTab(what);
        } else if (await orm.call(resModel, "has_access", [[], "create"])) {
            await visit(`${what}, form of a new record`, () => action.switchView("form", { resId: false }));
        }
    }

    /** Open an action in each of its views. */
    async function everyView(what, request) {
        await visit(what, () => action.doAction(request, { clearBreadcrumbs: true }));
        const current = action.currentController?.action;
        if (current?.type !== "ir.actions.act_window" || current.target === "new") {
            await everyChoice(what);
            await openFigures(what, request);
            document.querySelector(".modal .btn-close")?.click();
            return;
        }
        const types = current.views.map(([, type]) => type).filter((type) => type !== "search");
        const opened = types[0];
        for (const type of types.slice(1)) {
            if (type !== "form") {
                await visit(`${what}, ${type}`, () => action.switchView(type));
            }
        }
        if (types.includes("form") && opened !== "form") {
            // a domain written as text needs the client to be evaluated; then any record will do
            const domain = Array.isArray(current.domain) ? current.domain : [];
            await form(what, current.res_model, domain, current.context);
        } else if (opened === "form") {
            await everyTab(what);
        }
    }

    // ---------------------------------------------------------------- the walk

    const root = menu.getAll().find((entry) => entry.xmlid === ROOT);
    const below = (entry) => [entry, ...entry.children.flatMap((id) => below(menu.getMenu(id)))];
    const inApplication = root ? below(root) : [];
    const elsewhere = menu.getAll().filter((entry) => OURS.test(entry.xmlid || "") && !inApplication.includes(entry));
    const seen = new Set();
    for (const entry of [...inApplication, ...elsewhere]) {
        if (entry.actionID && !seen.has(entry.actionID)) {
            seen.add(entry.actionID);
            await everyView(entry.xmlid, entry.actionID);
        }
    }
    for (const xmlid of PARAMETERS.actions) {
        await everyView(xmlid, xmlid);
    }
    for (const resId of PARAMETERS.partners) {
        const request = { type: "ir.actions.act_window", res_model: "res.partner", res_id: resId, views: [[false, "form"]] };
        await visit(`page of partner ${resId}`, () => action.doAction(request, { clearBreadcrumbs: true }));
        await everyTab(`page of partner ${resId}`);
    }
    if (PARAMETERS.choices && !chosen) {
        throw new Error("no board with a list to choose from");
    }
    if (visited < PARAMETERS.minimum) {
        throw new Error(`only ${visited} screens visited, ${PARAMETERS.minimum} expected`);
    }
    console.log(`${chosen} choices made`);
    console.log("crawl succeeded");
})();
