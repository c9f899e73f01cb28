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

static bool is_listed(struct xdp *xdp, const char *name)
{
	for (unsigned int i = 0; i < xdp_tallies(xdp); i++)
		if (strcmp(xdp_tally(xdp)[i].name, name) == 0)
			return true;
	return false;
}

/* The default route's interface into an empty list; 0 or -errno, said. */
static int choose(struct opt_list *list)
{
	static char name[UNREACH_NAME_LEN];

	if (list->count)
		return 0;
	if (iface_default(name)) {
		log_error("there is no default route to choose an interface by; name one with -i");
		return -ENODEV;
	}
	list->values[list->count++] = name;
	return 0;
}

/* Is it a matter of time: the device may come, another program may leave? */
static bool may_pass(int rc)
{
	return rc == -ENODEV || rc == -ENOLINK || rc == -EBUSY || rc == -EEXIST;
}

/* Said of an interface. */
#define AWAITED "%s is watched as soon as that can be"

static void await(struct xdp *xdp, const char *name, int why)
{
	char error[512];

	if (xdp_await(xdp, name, why, error, sizeof(error)))
		log_error("%s", error);
	else
		log_info(AWAITED, name);
}

int attach_interfaces(struct xdp *xdp, struct opt_list *list, bool wait)
{
	int why[OPT_LIST_MAX], first = choose(list);
	char error[512];

	for (unsigned int i = 0; i < list->count; i++) {
		int rc = xdp_attach(xdp, list->values[i], error, sizeof(error));

		if (rc)
			log_error("%s", error);
		else
			say_caveats(&xdp_tally(xdp)[xdp_tallies(xdp) - 1]);
		why[i] = rc;
		first = first ? first : rc;
	}
	xdp_settle(xdp, list->values, list->count);
	/* What an earlier start attached and goes on is listed by now. */
	for (unsigned int i = 0; wait && i < list->count; i++)
		if (may_pass(why[i]) && !is_listed(xdp, list->values[i]))
			await(xdp, list->values[i], why[i]);
	return xdp_tallies(xdp) ? 0 : first;
}

/* Says what became of an interface; true where there may be more to say. */
static bool say_change(enum xdp_change change, const char *name, const char *mode,
		       const char *error)
{
	if (change == XDP_LEFT)
		log_warning("%s is gone; it is watched again as soon as it is back", name);
	else if (change == XDP_TAKEN)
		log_info("%s is watched now (%s mode)", name, mode);
	else if (change == XDP_REFUSED)
		log_error("%s", error);
	return change != XDP_SAME;
}

void attach_again(struct xdp *xdp)
{
	char error[512];
	enum xdp_change change;

	for (unsigned int i = 0; i < xdp_tallies(xdp); i++) {
		const struct tally *t = &xdp_tally(xdp)[i];

		do
			change = xdp_look_again(xdp, i, error, sizeof(error));
		while (say_change(change, t->name, t->mode, error));
	}
	do
		change = xdp_look_inside(xdp, error, sizeof(error));
	while (say_change(change, xdp_inside(xdp)->inside, xdp_inside(xdp)->mode, error));
}

void attach_inside(struct xdp *xdp, const char *inside, bool wait)
{
	char error[512];
	int rc;

	if (!inside) {
		if (xdp_leave_inside(xdp))
			log_info("flows are no longer watched: --inside is not given");
		return;
	}
	rc = xdp_attach_inside(xdp, inside, error, sizeof(error));
	if (rc)
		log_error("%s; silent black holes are not looked for", error);
	else
		log_info("watching flows from %s (%s mode)", inside, xdp_inside(xdp)->mode);
	if (!wait || !may_pass(rc))
		return;
	xdp_await_inside(xdp, inside, rc);
	log_info(AWAITED, inside);
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
