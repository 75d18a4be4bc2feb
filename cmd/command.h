/* SPDX-License-Identifier: BSD-2-Clause */
/* What a subcommand is: a name, tables of options, and a function that does the work. */
#ifndef HF_CMD_COMMAND_H
#define HF_CMD_COMMAND_H

#include <stddef.h>

#include <handfast/stack.h>

/*
 * Theory of operation
 * -------------------
 * A subcommand is a file with one `hf_cmd`. Its options are rows of tables; a row says where in the
 * command's settings (a plain struct) the value goes. One parser fills the settings, and --help,
 * the manual page and the shell completion are printed from the same rows, so that none of them can
 * disagree. Options that several commands share are one table that each of them places at an
 * offset.
 */

/** How the command ends. X(NAME, code, "what it means"); the manual prints this list. */
#define HF_EXITS(X)                                                                                \
	X(OK, 0, "Everything asked for was done.")                                                 \
	X(REFUSED, 1, "The other side refused, reset or cut off; or it answered with an error.")   \
	X(SILENT, 2, "The other side did not answer in time, or cannot be reached.")               \
	X(LOCAL, 4, "Something failed on this machine: a device, a file, a full disk, memory.")    \
	X(USAGE, 64, "The command line is wrong; nothing was done.")                               \
	X(PERMISSION, 77, "The command needs a right that it does not have.")                      \
	X(INTERRUPTED, 130, "Stopped by Ctrl-C or SIGTERM before it was done.")

typedef enum hf_exit {
#define X(name, code, text) HF_EXIT_##name = (code),
	HF_EXITS(X)
#undef X
} hf_exit;

/** What the argument of an option is, and with it the C type it is stored as. */
typedef enum hf_value_kind {
	HF_VALUE_FLAG,       /**< no argument; bool */
	HF_VALUE_STRING,     /**< const char *, borrowed from the command line */
	HF_VALUE_OPTIONAL,   /**< as STRING, but `--name` alone stores "-" */
	HF_VALUE_UNSIGNED,   /**< uint64_t, decimal, within [min, max] */
	HF_VALUE_SIZE,       /**< uint64_t, octets; K, M, G are powers of 1024 */
	HF_VALUE_DURATION,   /**< hf_ns; ns, us, ms, s, m, h; a bare number is seconds */
	HF_VALUE_ADDRESS,    /**< hf_addr */
	HF_VALUE_HOST_ADDRS, /**< hf_host_addrs; ADDR/PREFIX, may be given again */
	HF_VALUE_PORT,       /**< uint16_t, 1 to 65535 */
	HF_VALUE_ENDPOINT,   /**< hf_endpoint; 10.0.0.1:80, [fd77::1]:80 */
	HF_VALUE_STRINGS,    /**< hf_strings; may be given again */
	HF_VALUE_KINDS
} hf_value_kind;

/** Addresses given by a repeatable option. */
typedef struct hf_host_addrs {
	unsigned count;
	hf_host_addr at[HF_HOST_ADDRS];
} hf_host_addrs;

#define HF_STRINGS 32 /**< values that a repeatable option may have */

/** Values of a repeatable option, borrowed from the command line. */
typedef struct hf_strings {
	unsigned count;
	const char *at[HF_STRINGS];
} hf_strings;

/** One option. */
typedef struct hf_cmd_option {
	const char *name; /**< "listen", without dashes */
	char letter;      /**< 'l', or 0 */
	hf_value_kind kind;
	const char *argument; /**< "PORT"; NULL for a flag */
	const char *help;     /**< one sentence, with the default where there is one */
	size_t at;            /**< offsetof its field, in octets from the table's place */
	uint64_t min, max;    /**< bounds of UNSIGNED and SIZE; both 0: none */
} hf_cmd_option;

/** A table of options and where in the settings its fields lie. */
typedef struct hf_cmd_group {
	const char *title;            /**< "Options" */
	const hf_cmd_option *options; /**< ends with a row whose name is NULL */
	size_t at;                    /**< octets into the settings */
	bool is_shared;               /**< several commands have it: the manual prints it once */
} hf_cmd_group;

/** An example: a command line and what it does. */
typedef struct hf_cmd_example {
	const char *line, *text;
} hf_cmd_example;

/** What is left on the command line after the options. */
typedef struct hf_operands {
	char **at;
	unsigned count;
} hf_operands;

/** A subcommand. */
typedef struct hf_cmd {
	const char *name;
	const char *operands; /**< "DIR" in the synopsis; "" for none */
	unsigned min_operands, max_operands;
	const char *missing;            /**< the complaint when there are fewer than min_operands */
	const char *summary;            /**< half a sentence, for the list of commands */
	const char *const *text;        /**< paragraphs; ends with NULL */
	const hf_cmd_group *groups;     /**< ends with a row whose title is NULL; may be NULL */
	const hf_cmd_example *examples; /**< ends with a row whose line is NULL; may be NULL */
	size_t settings_size;           /**< octets; the settings start as zeros */
	void (*set_defaults)(void *settings); /**< what is not zero by default; may be NULL */
	hf_exit (*run)(const void *settings, hf_operands operands);
} hf_cmd;

/** All subcommands in the order of the manual; ends with NULL. */
extern const hf_cmd *const hf_commands[];

extern const hf_cmd hf_cmd_demo, hf_cmd_serve, hf_cmd_get, hf_cmd_connect, hf_cmd_drill,
	hf_cmd_help, hf_cmd_version;

/** The command of this name, or NULL. */
const hf_cmd *hf_cmd_find(const char *name);

/** The command whose name is nearest to a misspelt one, or NULL when none is near. */
const hf_cmd *hf_cmd_guess(const char *name);

#endif
