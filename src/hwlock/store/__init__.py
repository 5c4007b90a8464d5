"""Where it is kept: bytes under names, safe against crashes, other processes and other users.

This room does not know what a license means. `places` says where a store is, `product_store`
says what one product keeps there and in which order it is written, `files` is the only
module that touches the disk, through the seam `disk`. What can go wrong is a StoreError.
"""
