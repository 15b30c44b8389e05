/*
 * The JSON of the built-in policies as read-only data; agent/embedded_policies.c names it. The
 * Makefile has taken apart what the rules have to explain, which a check does not need.
 */

    .macro policy name
    .globl policy_\name\()_text, policy_\name\()_end
    .hidden policy_\name\()_text, policy_\name\()_end
policy_\name\()_text:
    .incbin "policies/\name\().json"
policy_\name\()_end:
    .byte 0
    .globl policy_\name\()_prose, policy_\name\()_prose_end
    .hidden policy_\name\()_prose, policy_\name\()_prose_end
policy_\name\()_prose:
    .incbin "policies/\name\().prose"
policy_\name\()_prose_end:
    .byte 0
    .endm

    .section .rodata
    policy baseline
    policy restricted
    policy hardened
    policy strict

    .section .note.GNU-stack, "", %progbits
