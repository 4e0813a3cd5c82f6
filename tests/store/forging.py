"""How somebody with all power over the database would make a changed record fit again."""

import asyncpg

from crypto import checkpoint, merkle, primitives
from service.store import record_reading


async def grow_again(hand: asyncpg.Connection) -> None:
    """Make leaves, nodes and heads anew from the lines as they are."""
    for log in await hand.fetch("select distinct log_id from lk.audit_leaf"):
        frontier, log_id = merkle.Frontier(), log["log_id"]
        async for page in record_reading.lines(hand, log_id):
            for line in page:
                assert line.leaf is not None
                node = frontier.push(line.leaf)
                await hand.execute(
                    "update lk.audit_leaf set leaf_hash = $3, node = $4"
                    " where log_id = $1 and seq = $2 and leaf_hash <> $3 or log_id = $1"
                    " and seq = $2 and node is distinct from $4",
                    log_id,
                    line.seq,
                    line.leaf,
                    None if line.seq & 1 else node,
                )
                await hand.execute(
                    "update lk.audit_head set root = $3 where log_id = $1 and size = $2",
                    log_id,
                    frontier.size,
                    frontier.root(),
                )


async def chain_again(hand: asyncpg.Connection, *, forger: bool) -> None:
    """Make the chain anew, with the old signatures or with a key of the forger's own."""
    previous = checkpoint.FIRST
    secret, _ = primitives.sign_generate()
    async for each in record_reading.checkpoints(hand):
        old = each.signed
        made = checkpoint.after(
            previous,
            each.heads,
            number=old.checkpoint.number,
            at_us=old.checkpoint.at_us,
        )
        signature = old.signature
        if forger:
            signature = primitives.sign(primitives.signing_key(secret), made.body())
        await hand.execute(
            "update lk.audit_checkpoint set previous = $2, heads_root = $3, signature = $4"
            " where number = $1",
            made.number,
            made.previous,
            made.heads_root,
            signature,
        )
        for head, way in zip(each.heads, checkpoint.ways(each.heads), strict=True):
            await hand.execute(
                "update lk.audit_head set place = $3, path = $4 where log_id = $1 and size = $2",
                head.log_id,
                head.size,
                way.place,
                way.path,
            )
        previous = made.digest()
