// A singly linked list on a bump allocator: build, reverse, sort, walk.
#include "guest.h"

typedef struct Node { struct Node *next; u32 key, value; } Node;

static _Alignas(8) u8 arena[192 << 10];
static u32 used;

static void *allocate(u32 size) {
    size = (size + 7) & ~7u;
    if (size > sizeof arena - used) __builtin_trap();
    void *at = arena + used;
    used += size;
    return at;
}

static Node *build(u32 n, u32 seed) {
    Node *head = 0;
    used = 0;
    for (u32 i = 0; i < n; i++) {
        Node *node = allocate(sizeof *node);
        node->key = next_random(&seed) >> 8;
        node->value = i;
        node->next = head;
        head = node;
    }
    return head;
}

static Node *reverse(Node *list) {
    Node *done = 0;
    while (list) {
        Node *rest = list->next;
        list->next = done;
        done = list;
        list = rest;
    }
    return done;
}

static Node *merge(Node *a, Node *b) {
    Node head, *tail = &head;
    while (a && b) {
        Node **least = b->key < a->key ? &b : &a;
        tail->next = *least;
        tail = *least;
        *least = tail->next;
    }
    tail->next = a ? a : b;
    return head.next;
}

// Recursive merge sort by splitting in the middle with two runners.
static Node *sort(Node *list) {
    if (!list || !list->next) return list;
    Node *slow = list, *fast = list->next;
    while (fast && fast->next) slow = slow->next, fast = fast->next->next;
    Node *half = slow->next;
    slow->next = 0;
    return merge(sort(list), sort(half));
}

static u32 digest(const Node *list) {
    u32 sum = 0;
    for (; list; list = list->next) sum = mix(sum, list->key ^ list->value);
    return sum;
}

// Builds a list of `n` nodes (at most 12288, more trap), reverses and sorts it; a digest of each stage.
EXPORT(list_sort) u32 list_sort(u32 n, u32 seed) {
    Node *list = build(n, seed);
    u32 sum = digest(list);
    list = reverse(list);
    sum = mix(sum, digest(list));
    return mix(sum, digest(sort(list)));
}

// Sorts `n` nodes, so that following the list jumps about in memory, and walks it `rounds` times, changing values.
EXPORT(list_walk) u64 list_walk(u32 n, u32 rounds) {
    Node *list = sort(build(n, 77));
    u64 sum = 0;
    for (u32 round = 0; round < rounds; round++)
        for (Node *node = list; node; node = node->next) {
            sum += node->value;
            node->value ^= round;
        }
    return sum;
}
