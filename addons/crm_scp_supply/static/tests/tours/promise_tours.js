import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

registry.category("web_tour.tours").add("scp_promise_salesperson", {
    steps: () => [
        {
            content: "Open the promises",
            trigger: "body",
            run() {
                window.location.href = "/odoo/promises";
            },
            expectUnloadPage: true,
        },
        {
            content: "See the present promise of one's own order",
            trigger: ".o_list_view .o_data_row:contains('TOURSO') .badge:contains('On Track')",
        },
        {
            content: "Open its history",
            trigger: ".o_list_view .o_data_row:contains('TOURSO') td[name=order_name]",
            run: "click",
        },
        {
            content: "The first promise is in the ledger",
            trigger: ".o_breadcrumb:contains('Tour Bolt')",
        },
        {
            trigger: ".o_list_view .o_data_row:contains('First Promise') td[name=order_name]",
            run: "click",
        },
        {
            content: "Go to the order",
            trigger: ".o_form_view button[name=action_open_order]",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_notebook .nav-link[name=scp_promises]",
            run: "click",
        },
        {
            content: "Promise another date",
            trigger: "button[name=action_scp_revise_promise]",
            run: "click",
        },
        {
            trigger: ".modal div[name=date_promised] input, .modal div[name=date_promised] button",
            run: "click",
        },
        {
            trigger: ".modal div[name=date_promised] input",
            run: "edit 12/31/2099 12:00:00",
        },
        {
            trigger: ".modal div[name=reason_id] input",
            run: "edit Out of",
        },
        {
            trigger: ".ui-autocomplete .dropdown-item:contains('Out of stock')",
            run: "click",
        },
        {
            trigger: ".modal button[name=action_revise]",
            run: "click",
        },
        {
            content: "It has moved",
            trigger: "body:not(:has(.modal)) div[name=scp_promise_line_ids] .badge:contains('Moved Later')",
        },
    ],
});

registry.category("web_tour.tours").add("scp_promise_buyer", {
    steps: () => [
        {
            content: "Open the suppliers' promises",
            trigger: "body",
            run() {
                window.location.href = "/odoo/supplier-promises";
            },
            expectUnloadPage: true,
        },
        {
            trigger: ".o_list_view .o_data_row:contains('TOURPO') button[name=action_open_order]",
            run: "click",
        },
        {
            content: "Record what the supplier said on the phone",
            trigger: ".o_form_view button[name=action_scp_record_confirmation]",
            run: "click",
        },
        {
            trigger: ".modal div[name=source] label:contains('Phone')",
            run: "click",
        },
        {
            trigger: ".modal div[name=line_ids] .o_data_row:contains('Tour Bolt')",
        },
        {
            trigger: ".modal button[name=action_confirm]",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) .o_form_view .o_notebook .nav-link[name=scp_promises]",
            run: "click",
        },
        {
            trigger: "div[name=scp_promise_line_ids] .o_data_row:contains('Tour Bolt')",
        },
        {
            trigger: "button[name=action_view_scp_promises]",
            run: "click",
        },
        {
            trigger: ".o_breadcrumb:contains('Promise Ledger')",
        },
    ],
});

registry.category("web_tour.tours").add("scp_promise_warehouse", {
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            trigger: ".o_app[data-menu-xmlid='stock.menu_stock_root']",
            run: "click",
        },
        {
            trigger: "button[data-menu-xmlid='stock.menu_stock_warehouse_mgmt']",
            run: "click",
        },
        {
            content: "Promises are in the menu of logistics",
            trigger: "a[data-menu-xmlid='crm_scp_supply.scp_promise_report_menu_stock']",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row:contains('TOURSO')",
        },
        {
            trigger: ".o_list_view .o_data_row:contains('TOURPO')",
        },
        {
            content: "Pivot",
            trigger: ".o_switch_view.o_pivot",
            run: "click",
        },
        {
            trigger: ".o_pivot_view table",
        },
        {
            content: "Graph",
            trigger: ".o_switch_view.o_graph",
            run: "click",
        },
        {
            trigger: ".o_graph_view canvas",
        },
        {
            content: "Cards",
            trigger: ".o_switch_view.o_kanban",
            run: "click",
        },
        {
            trigger: ".o_kanban_view .o_kanban_record:contains('TOURPO')",
        },
    ],
});
