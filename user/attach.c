// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Words about interfaces: what was attached, what was not and why, what to mind. */
#include "attach.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "source/iface.h"

/* What one should know about an interface before relying on it, a line each. */
static void say_caveats(const struct tally *t)
{
	char lower[128];

	iface_lower(t->name, lower, sizeof(lower));
	if (lower[0])
		log_warning("%s is made of %s: watch those to see frames as early as they come",
			    t->name, lower);
	if (iface_strips_tags(t->name))
		log_info("%s takes VLAN tags off before XDP (rx-vlan-offload): events of it show "
			 "none",
			 t->name);
	if (strcmp(t->mode, "native") == 0)
		log_info("%s is watched in native mode: some drivers reset their rings at that, "
			 "turn LRO "
			 "off or limit the MTU",
			 t->name);
	else
		log_warning("%s is watched in generic mode: slower, behind the driver", t->name);
}

int attach_interfaces(struct xdp *xdp, struct opt_list *list)
{
	static char name[UNREACH_NAME_LEN];
	char error[512];
	int first = 0;

	if (!list->count) {
		if (iface_default(name)) {
			log_error("there is no default route to choose an interface by; name one "
				  "with -i");
			return -ENODEV;
		}
		list->values[list->count++] = name;
	}
	for (unsigned int i = 0; i < list->count; i++) {
		int rc = xdp_attach(xdp, list->values[i], error, sizeof(error));

		if (rc)
			log_error("%s", error);
		else
			say_caveats(&xdp_tally(xdp)[xdp_tallies(xdp) - 1]);
		first = first ? first : rc;
	}
	xdp_settle(xdp, list->values, list->count);
	return xdp_tallies(xdp) ? 0 : first;
}

void attach_inside(struct xdp *xdp, const char *inside)
{
	char error[512];

	if (!inside) {
		if (xdp_leave_inside(xdp))
			log_info("flows are no longer watched: --inside is not given");
		return;
	}
	if (xdp_attach_inside(xdp, inside, error, sizeof(error)))
		log_error("%s; silent black holes are not looked for", error);
	else
		log_info("watching flows from %s (%s mode)", inside,
			 xdp_read_flow_watch(xdp)->mode);
}

void attach_judge_flows(struct xdp *xdp, enum flow_watch_state *said)
{
	const struct flow_watch *flows = xdp_read_flow_watch(xdp);
	enum flow_watch_state state = flows ? flow_watch_state(flows) : FLOW_WATCH_WORKS;

	if (state == *said)
		return;
	*said = state;
	if (state == FLOW_WATCH_OFFLOAD)
		log_error(
			"%s brings packets longer than its MTU: they are put together before XDP "
			"sees them, so silent black holes can't be found; attach natively, or turn "
			"offloads off (ethtool -K %s gro off lro off, and tso off at the sender)",
			flows->inside, flows->inside);
	else if (state == FLOW_WATCH_ONE_DIRECTION)
		log_warning("what %s sends is never answered on the interfaces that are watched: "
			    "routing is asymmetric, or -i names the wrong interface; silent black "
			    "holes can't be found",
			    flows->inside);
	else
		log_info("both directions of flows are seen: silent black holes are looked for");
}
