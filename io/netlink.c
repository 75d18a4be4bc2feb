/* SPDX-License-Identifier: BSD-2-Clause */
/* rtnetlink requests, one at a time, each acknowledged by the kernel. */
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/netlink.h"

#define REQUEST_ROOM 192

/* A request under construction: the header, one body, attributes. */
typedef struct request {
	union {
		struct nlmsghdr header;
		uint8_t octet[REQUEST_ROOM];
	};
} request;

static void *request_begin(request *r, uint16_t type, uint16_t flags, size_t body)
{
	memset(r, 0, sizeof(*r));
	r->header.nlmsg_type = type;
	r->header.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags);
	r->header.nlmsg_len = (uint32_t)NLMSG_SPACE(body);
	return NLMSG_DATA(&r->header);
}

/* Every request here has a fixed set of attributes that fits into REQUEST_ROOM. */
static struct rtattr *request_add(request *r, unsigned short type, const void *data, size_t len)
{
	struct rtattr *a = (struct rtattr *)(void *)(r->octet + NLMSG_ALIGN(r->header.nlmsg_len));

	a->rta_type = type;
	a->rta_len = (unsigned short)RTA_LENGTH(len);
	if (len)
		memcpy(RTA_DATA(a), data, len);
	r->header.nlmsg_len = (uint32_t)(NLMSG_ALIGN(r->header.nlmsg_len) + RTA_SPACE(len));
	return a;
}

/* Closes an attribute that holds the ones added since. */
static void request_nest_end(const request *r, struct rtattr *outer)
{
	const uint8_t *end = r->octet + r->header.nlmsg_len;

	outer->rta_len = (unsigned short)(end - (uint8_t *)outer);
}

/* Returns 0 or the errno that the kernel answered. */
static int request_run(hf_netlink *n, request *r)
{
	union {
		struct nlmsghdr header;
		uint8_t octet[512];
	} answer;
	ssize_t got;

	r->header.nlmsg_seq = ++n->seq;
	if (send(n->fd, r->octet, r->header.nlmsg_len, 0) < 0)
		return errno;
	do {
		got = recv(n->fd, answer.octet, sizeof(answer.octet), 0);
		if (got < 0 && errno != EINTR)
			return errno;
	} while (got < 0 || answer.header.nlmsg_seq != n->seq);
	if (got < (ssize_t)NLMSG_LENGTH(sizeof(struct nlmsgerr)) ||
	    answer.header.nlmsg_type != NLMSG_ERROR)
		return EPROTO;
	return -((struct nlmsgerr *)NLMSG_DATA(&answer.header))->error;
}

bool hf_netlink_open(hf_netlink *n, hf_io_error *error)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd < 0)
		return hf_io_fail(error, errno, "cannot speak to the kernel (netlink): %s",
				  strerror(errno));
	*n = (hf_netlink){ .fd = fd };
	return true;
}

void hf_netlink_close(hf_netlink *n)
{
	(void)close(n->fd);
	n->fd = -1;
}

/* Best effort: a kernel without IPv6, or one too old, has no such setting and needs none. */
static void quieten_ip6(hf_netlink *n, int index)
{
	uint8_t mode = IN6_ADDR_GEN_MODE_NONE;
	struct rtattr *spec, *family;
	struct ifinfomsg *body;
	request r;

	body = request_begin(&r, RTM_NEWLINK, 0, sizeof(*body));
	body->ifi_index = index;
	spec = request_add(&r, IFLA_AF_SPEC, NULL, 0);
	family = request_add(&r, AF_INET6, NULL, 0);
	(void)request_add(&r, IFLA_INET6_ADDR_GEN_MODE, &mode, sizeof(mode));
	request_nest_end(&r, family);
	request_nest_end(&r, spec);
	(void)request_run(n, &r);
}

bool hf_netlink_up(hf_netlink *n, int index, uint32_t mtu, uint32_t queue, hf_io_error *error)
{
	struct ifinfomsg *body;
	request r;
	int code;

	quieten_ip6(n, index);
	body = request_begin(&r, RTM_NEWLINK, 0, sizeof(*body));
	body->ifi_index = index;
	body->ifi_flags = IFF_UP;
	body->ifi_change = IFF_UP;
	if (mtu)
		(void)request_add(&r, IFLA_MTU, &mtu, sizeof(mtu));
	if (queue)
		(void)request_add(&r, IFLA_TXQLEN, &queue, sizeof(queue));
	code = request_run(n, &r);
	if (code)
		return hf_io_fail(error, code, "cannot bring device %d up: %s", index,
				  strerror(code));
	return true;
}

/* The octets of an address as the kernel wants them for its family. */
static const uint8_t *raw_addr(const hf_addr *a, uint8_t *family, size_t *len)
{
	bool is_v4 = hf_addr_is_v4(a);

	*family = is_v4 ? AF_INET : AF_INET6;
	*len = is_v4 ? 4 : 16;
	return is_v4 ? a->octet + 12 : a->octet;
}

bool hf_netlink_add_address(hf_netlink *n, int index, const hf_host_addr *a, hf_io_error *error)
{
	char text[HF_ADDR_TEXT];
	struct ifaddrmsg *body;
	const uint8_t *raw;
	uint8_t family;
	request r;
	size_t len;
	int code;

	raw = raw_addr(&a->addr, &family, &len);
	body = request_begin(&r, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, sizeof(*body));
	body->ifa_family = family;
	body->ifa_prefixlen = a->prefix;
	body->ifa_flags = family == AF_INET6 ? IFA_F_NODAD : 0;
	body->ifa_index = (uint32_t)index;
	(void)request_add(&r, IFA_LOCAL, raw, len);
	(void)request_add(&r, IFA_ADDRESS, raw, len);
	code = request_run(n, &r);
	if (code)
		return hf_io_fail(error, code, "cannot give device %d the address %s/%u: %s", index,
				  hf_addr_format(&a->addr, text), a->prefix, strerror(code));
	return true;
}

bool hf_netlink_add_route(hf_netlink *n, int index, const hf_host_addr *net, hf_io_error *error)
{
	char text[HF_ADDR_TEXT];
	struct rtmsg *body;
	const uint8_t *raw;
	uint8_t family;
	request r;
	size_t len;
	int code;

	raw = raw_addr(&net->addr, &family, &len);
	body = request_begin(&r, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, sizeof(*body));
	body->rtm_family = family;
	body->rtm_dst_len = net->prefix;
	body->rtm_table = RT_TABLE_MAIN;
	body->rtm_protocol = RTPROT_BOOT;
	body->rtm_scope = RT_SCOPE_UNIVERSE;
	body->rtm_type = RTN_UNICAST;
	if (net->prefix)
		(void)request_add(&r, RTA_DST, raw, len);
	(void)request_add(&r, RTA_OIF, &index, sizeof(index));
	code = request_run(n, &r);
	if (code)
		return hf_io_fail(error, code, "cannot lead %s/%u to device %d: %s",
				  hf_addr_format(&net->addr, text), net->prefix, index,
				  strerror(code));
	return true;
}
