// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Questions about interfaces: ioctls where there are any, /proc and /sys else. */
#include "source/iface.h"

#include <dirent.h>
#include <errno.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <net/route.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/ethtool.h>
#include <linux/sockios.h>

int iface_default(char name[UNREACH_NAME_LEN])
{
	FILE *routes = fopen("/proc/thread-self/net/route", "re");
	char line[256], device[UNREACH_NAME_LEN];
	unsigned int destination, flags, metric, mask, least = ~0U;

	if (!routes)
		return -errno;
	name[0] = '\0';
	while (fgets(line, sizeof(line), routes)) {
		if (sscanf(line, "%15s %x %*x %x %*u %*u %u %x", device, &destination, &flags,
			   &metric, &mask) != 5)
			continue;
		if (destination || mask || !(flags & RTF_UP) || flags & RTF_REJECT ||
		    (name[0] && metric >= least))
			continue;
		least = metric;
		memcpy(name, device, sizeof(device));
	}
	fclose(routes);
	return name[0] ? 0 : -ENOENT;
}

/* One ioctl on an interface, by a socket of its own; 0 or -errno. */
static int iface_ioctl(const char *name, unsigned long request, struct ifreq *ifr)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), error;

	if (fd < 0)
		return -errno;
	snprintf(ifr->ifr_name, sizeof(ifr->ifr_name), "%s", name);
	error = ioctl(fd, request, ifr) ? -errno : 0;
	close(fd);
	return error;
}

int iface_link_type(const char *name, enum unreach_link *link)
{
	struct ifreq ifr = {};
	int error = iface_ioctl(name, SIOCGIFHWADDR, &ifr);

	if (error)
		return error;
	switch (ifr.ifr_hwaddr.sa_family) {
	case ARPHRD_ETHER:
	case ARPHRD_LOOPBACK:
		*link = UNREACH_LINK_ETHERNET;
		return 0;
	case ARPHRD_NONE: /* tun, WireGuard */
	case ARPHRD_RAWIP:
	case ARPHRD_PPP:
	case ARPHRD_TUNNEL:
	case ARPHRD_SIT:
	case ARPHRD_IPGRE:
		*link = UNREACH_LINK_IP;
		return 0;
	default:
		return -EPROTONOSUPPORT;
	}
}

bool iface_strips_tags(const char *name)
{
	struct ethtool_value flags = { .cmd = ETHTOOL_GFLAGS };
	struct ifreq ifr = { .ifr_data = (char *)&flags };

	return !iface_ioctl(name, SIOCETHTOOL, &ifr) && flags.data & ETH_FLAG_RXVLAN;
}

/* Is it a device over other devices, by its driver's word? */
static bool iface_is_upper(const char *name)
{
	static const char *const drivers[] = { "bonding", "bridge", "802.1Q VLAN Support", "team" };
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
	struct ifreq ifr = { .ifr_data = (char *)&info };

	if (iface_ioctl(name, SIOCETHTOOL, &ifr))
		return false;
	for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++)
		if (strcmp(info.driver, drivers[i]) == 0)
			return true;
	return false;
}

void iface_lower(const char *name, char *list, size_t size)
{
	char path[64 + UNREACH_NAME_LEN];
	struct dirent *entry;
	size_t used = 0;
	DIR *dir;

	list[0] = '\0';
	if (!iface_is_upper(name))
		return;
	snprintf(path, sizeof(path), "/sys/class/net/%s", name);
	dir = opendir(path);
	if (!dir)
		return;
	while ((entry = readdir(dir)) && used < size)
		if (strncmp(entry->d_name, "lower_", 6) == 0)
			used += (size_t)snprintf(list + used, size - used, "%s%s", used ? ", " : "",
						 entry->d_name + 6);
	closedir(dir);
}

int iface_mtu(const char *name, uint32_t *mtu)
{
	struct ifreq ifr = {};
	int error = iface_ioctl(name, SIOCGIFMTU, &ifr);

	if (!error)
		*mtu = (uint32_t)ifr.ifr_mtu;
	return error;
}
