"""Chaos: the real service, and whatever can go wrong around it, in an order that a seed repeats.

``make chaos`` plays it on servers of its own. A seed's events are made first (``plan``) and then played (``play``,
``acts``) on real servers, proxies before them and one or three daemons (``city``). Then everything is mended, and what
is found is compared with what came (``audit``): each mail and row is stored once, each letter arrived, again only
where it is marked as in doubt, each emergency in time while its way was open, each outage has one begin and one end,
the books balance. A run that finds something prints its command line, findings and events, and leaves its folder.

The same seed plays the same events in the same order at the same seconds; what the processes make of them is theirs.
``--kills N`` instead kills one installation that often at chosen moments and keeps exact books (``killer``, ``kills``,
``closing``).
"""
