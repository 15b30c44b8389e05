/* The JSON of the built-in policies as read-only data; agent/embedded_policies.c names it. */

    .macro policy name
    .globl policy_\name\()_text, policy_\name\()_end
    .hidden policy_\name\()_text, policy_\name\()_end
policy_\name\()_text:
    .incbin "agent/policies/\name\().json"
policy_\name\()_end:
    .byte 0
    .endm

    .section .rodata
    policy baseline
    policy restricted
    policy hardened
    policy strict

    .section .note.GNU-stack, "", %progbits
