/* SPDX-License-Identifier: BSD-2-Clause */
/* A TUN device as a link, with the offloads of the virtio header where the kernel has them. */
/*
 * With IFF_VNET_HDR every packet is preceded by a struct virtio_net_hdr in the machine's own octet
 * order. It lets both sides leave out work: a packet that never touches a wire needs no checksum,
 * and a large piece of a stream passes as one super-packet with a segment size, to be cut only if
 * it does go out on a wire. Both ways it is the difference between some 3 and some 60 Gbit/s.
 * TUNSETOFFLOAD tells the kernel which of these we accept; what we send needs no permission, only
 * the header.
 *
 * The device is not persistent: when the last descriptor is closed, by whatever end of the process,
 * the kernel removes it with its addresses and routes.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "io/netlink.h"
#include "io/tun.h"

#define DEVICE "/dev/net/tun"

#define MTU_DEFAULT 1500
#define MTU_MIN 576
#define MTU_MAX 65535

/*
 * Room for the largest IP packet. Not a power of two, so that the heads of the packets of a burst
 * fall into different cache sets.
 */
#define SUPER_CAPACITY 65600

typedef struct tun {
	hf_link link;
	bool has_header; /* IFF_VNET_HDR */
} tun;

/* ---- Packets ---- */

/*
 * What the kernel says of a packet that it hands over. Its partial checksums are ours to trust: the
 * packet has not left the machine.
 */
static void header_to_packet(const struct virtio_net_hdr *h, hf_packet *p)
{
	uint32_t end = (uint32_t)h->csum_start + h->csum_offset + 2;

	if (h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM && end <= p->len) {
		p->flags = HF_PACKET_CSUM_PARTIAL;
		p->csum_start = h->csum_start;
		p->csum_offset = h->csum_offset;
	} else if (h->flags & VIRTIO_NET_HDR_F_DATA_VALID) {
		p->flags = HF_PACKET_CSUM_GOOD;
	}
	if (h->gso_type != VIRTIO_NET_HDR_GSO_NONE)
		p->gso_size = h->gso_size;
}

/*
 * The header of a leaving packet. A super-packet always has a partial checksum: csum_start is where
 * TCP begins.
 */
static struct virtio_net_hdr packet_to_header(const hf_packet *p)
{
	struct virtio_net_hdr h = { .gso_type = VIRTIO_NET_HDR_GSO_NONE };
	const uint8_t *tcp = p->data + p->csum_start;

	if (!(p->flags & HF_PACKET_CSUM_PARTIAL))
		return h;
	h.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	h.csum_start = p->csum_start;
	h.csum_offset = p->csum_offset;
	if (!p->gso_size)
		return h;
	h.gso_type = p->data[0] >> 4 == 6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4;
	/* CWR stands on the first segment only, and whoever cuts must know (RFC 3168 6.1.2). */
	if (tcp[13] & 0x80)
		h.gso_type |= VIRTIO_NET_HDR_GSO_ECN;
	h.gso_size = p->gso_size;
	h.hdr_len = (uint16_t)(p->csum_start + (tcp[12] >> 4) * 4);
	return h;
}

/* Returns 1, 0 when nothing waits, or -errno. */
static int receive_one(tun *t, hf_packet *p)
{
	struct virtio_net_hdr header = { 0 };
	struct iovec part[2] = { { &header, sizeof(header) }, { p->data, p->capacity } };
	size_t head = t->has_header ? sizeof(header) : 0;
	ssize_t got;

	do
		got = t->has_header ? readv(t->link.fd, part, 2) :
				      read(t->link.fd, p->data, p->capacity);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return errno == EAGAIN ? 0 : -errno;
	if ((size_t)got < head)
		return -EIO;
	*p = (hf_packet){ .data = p->data,
			  .capacity = p->capacity,
			  .len = (uint32_t)((size_t)got - head) };
	if (t->has_header)
		header_to_packet(&header, p);
	return 1;
}

static int tun_receive(hf_link *link, hf_packet *packets, size_t n)
{
	tun *t = (tun *)link;
	size_t done = 0;
	int got = 1;

	while (done < n && (got = receive_one(t, &packets[done])) > 0)
		done++;
	return done ? (int)done : got;
}

/* Returns 1 when the packet is taken (or lost), 0 when the device is full, or -errno. */
static int send_one(tun *t, const hf_packet *p)
{
	struct virtio_net_hdr header;
	struct iovec part[2] = { { &header, sizeof(header) }, { p->data, p->len } };
	ssize_t put;

	if (t->has_header)
		header = packet_to_header(p);
	do
		put = t->has_header ? writev(t->link.fd, part, 2) :
				      write(t->link.fd, p->data, p->len);
	while (put < 0 && errno == EINTR);
	if (put >= 0)
		return 1;
	if (errno == EAGAIN)
		return 0;
	if (errno == EBADFD)
		return -errno;
	/*
	 * Down for the moment (EIO), out of memory, or not to the kernel's liking: one packet is
	 * lost, as on any network.
	 */
	t->link.lost++;
	return 1;
}

static int tun_send(hf_link *link, const hf_packet *packets, size_t n)
{
	tun *t = (tun *)link;
	size_t done = 0;
	int put = 1;

	while (done < n && (put = send_one(t, &packets[done])) > 0)
		done++;
	return done ? (int)done : put;
}

static void tun_close(hf_link *link)
{
	(void)close(link->fd);
	free(link);
}

static const hf_link_ops tun_ops = { tun_receive, tun_send, tun_close };

bool hf_tun_adopt(int fd, const hf_tun_traits *traits, hf_link **out, hf_io_error *error)
{
	tun *t = calloc(1, sizeof(*t));

	if (!t) {
		(void)close(fd);
		return hf_io_fail(error, ENOMEM, "no memory for device %s", traits->name);
	}
	t->has_header = traits->offloads;
	t->link = (hf_link){
		.ops = &tun_ops,
		.kind = HF_LINK_IP,
		.mtu = traits->mtu,
		.offloads = traits->offloads ? HF_OFFLOAD_TX_CHECKSUM | HF_OFFLOAD_TX_TSO : 0,
		.capacity = traits->offloads ? SUPER_CAPACITY : traits->mtu,
		.fd = fd,
	};
	memcpy(t->link.name, traits->name, sizeof(t->link.name));
	*out = &t->link;
	return true;
}

/* ---- Making ---- */

static bool tell_no_device(int code, hf_io_error *error)
{
	const char *hint = "";

	if (code == EACCES || code == EPERM)
		hint = " (root, or a user who may open it, is needed)";
	else if (code == ENOENT || code == ENODEV || code == ENXIO)
		hint = " (does the kernel have the module \"tun\"?)";
	return hf_io_fail(error, code, "cannot open " DEVICE ": %s%s", strerror(code), hint);
}

static bool tell_no_interface(const char *name, bool attach, int code, hf_io_error *error)
{
	const char *hint = "";

	if (code == EPERM)
		hint = attach ? " (it belongs to another user)" :
				" (making a device needs CAP_NET_ADMIN: are you root?)";
	else if (code == EBUSY)
		hint = attach ? " (another program has it)" : " (a device of this name exists)";
	else if (code == EINVAL && attach)
		hint = " (it is no TUN device)";
	return hf_io_fail(error, code, "cannot %s TUN device %s: %s%s",
			  attach ? "attach to" : "make", name, strerror(code), hint);
}

/* TUNSETIFF and what belongs to it. Returns whether the virtio header is there in `*has_header`. */
static bool claim(int fd, const hf_tun_options *o, struct ifreq *request, hf_io_error *error)
{
	const char *name = o->name && *o->name ? o->name : "hf%d";
	const unsigned wanted = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6;
	int header = (int)sizeof(struct virtio_net_hdr);

	if (strlen(name) >= sizeof(request->ifr_name))
		return hf_io_fail(error, 0, "device name \"%s\" is too long (15 characters)", name);
	memset(request, 0, sizeof(*request));
	memcpy(request->ifr_name, name, strlen(name));
	request->ifr_flags = (short)(IFF_TUN | IFF_NO_PI | (o->attach ? 0 : IFF_TUN_EXCL) |
				     (o->no_offloads ? 0 : IFF_VNET_HDR));
	/*
	 * Without the name being there, TUNSETIFF would make a device although one was to be
	 * attached to.
	 */
	if (o->attach && !if_nametoindex(name))
		return hf_io_fail(error, errno, "there is no device %s to attach to", name);
	if (ioctl(fd, TUNSETIFF, request) != 0)
		return tell_no_interface(name, o->attach, errno, error);
	if (o->no_offloads)
		return true;
	if (ioctl(fd, TUNSETVNETHDRSZ, &header) != 0 || ioctl(fd, TUNSETOFFLOAD, wanted) != 0)
		return hf_io_fail(error, errno, "device %s: offloads refused: %s",
				  request->ifr_name, strerror(errno));
	return true;
}

static bool device_mtu(const char *name, uint32_t *mtu, hf_io_error *error)
{
	struct ifreq request = { 0 };
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool ok;

	(void)snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	ok = s >= 0 && ioctl(s, SIOCGIFMTU, &request) == 0;
	if (!ok)
		(void)hf_io_fail(error, errno, "device %s: MTU unknown: %s", name, strerror(errno));
	else
		*mtu = (uint32_t)request.ifr_mtu;
	if (s >= 0)
		(void)close(s);
	return ok;
}

/*
 * Addresses, routes, up. An attached device may be set up already, and its user may have no right
 * to do it.
 */
static bool configure(const char *name, const hf_tun_options *o, uint32_t mtu, hf_io_error *error)
{
	int index = (int)if_nametoindex(name);
	hf_netlink n;
	bool ok;

	if (o->attach && hf_addr_is_none(&o->address[0].addr) && hf_addr_is_none(&o->route[0].addr))
		return true;
	if (!hf_netlink_open(&n, error))
		return false;
	ok = hf_netlink_up(&n, index, o->attach ? 0 : mtu, o->attach ? 0 : o->queue, error);
	for (size_t i = 0; ok && i < HF_HOST_ADDRS && !hf_addr_is_none(&o->address[i].addr); i++)
		ok = hf_netlink_add_address(&n, index, &o->address[i], error);
	for (size_t i = 0; ok && i < HF_TUN_ROUTES && !hf_addr_is_none(&o->route[i].addr); i++)
		ok = hf_netlink_add_route(&n, index, &o->route[i], error);
	hf_netlink_close(&n);
	return ok;
}

static int make_here(const hf_tun_options *o, hf_tun_traits *traits, hf_io_error *error)
{
	uint32_t mtu = o->mtu ? o->mtu : MTU_DEFAULT;
	struct ifreq request;
	int fd;

	if (mtu < MTU_MIN || mtu > MTU_MAX) {
		(void)hf_io_fail(error, 0, "an MTU of %u is not between %d and %d", mtu, MTU_MIN,
				 MTU_MAX);
		return -1;
	}
	fd = open(DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		(void)tell_no_device(errno, error);
		return -1;
	}
	if (!claim(fd, o, &request, error) || !configure(request.ifr_name, o, mtu, error) ||
	    (o->attach && !device_mtu(request.ifr_name, &mtu, error))) {
		(void)close(fd);
		return -1;
	}
	*traits = (hf_tun_traits){ .mtu = mtu, .offloads = !o->no_offloads };
	memcpy(traits->name, request.ifr_name, sizeof(traits->name));
	return fd;
}

/* setns moves the calling thread alone; it comes back before anything else is done. */
int hf_tun_make(const hf_tun_options *options, hf_tun_traits *traits, hf_io_error *error)
{
	int home, there, fd = -1;

	if (!options->netns)
		return make_here(options, traits, error);
	there = open(options->netns, O_RDONLY | O_CLOEXEC);
	if (there < 0) {
		(void)hf_io_fail(error, errno, "cannot open network namespace %s: %s",
				 options->netns, strerror(errno));
		return -1;
	}
	home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (home < 0 || setns(there, CLONE_NEWNET) != 0) {
		(void)hf_io_fail(error, errno, "cannot enter network namespace %s: %s",
				 options->netns, strerror(errno));
	} else {
		fd = make_here(options, traits, error);
		/* In the wrong namespace nothing that follows would mean what it says. */
		if (setns(home, CLONE_NEWNET) != 0)
			abort();
	}
	if (home >= 0)
		(void)close(home);
	(void)close(there);
	return fd;
}

bool hf_tun_open(const hf_tun_options *options, hf_link **out, hf_io_error *error)
{
	hf_tun_traits traits;
	int fd = hf_tun_make(options, &traits, error);

	return fd >= 0 && hf_tun_adopt(fd, &traits, out, error);
}
