BEGIN TRANSACTION;
CREATE TABLE backorderkit_allocations (
	order_id TEXT NOT NULL,
	line_id TEXT NOT NULL,
	location TEXT NOT NULL,
	sku TEXT NOT NULL,
	quantity BIGINT NOT NULL,
	PRIMARY KEY (order_id, line_id, location),
	FOREIGN KEY(order_id, line_id) REFERENCES backorderkit_lines (order_id, id),
	FOREIGN KEY(sku, location) REFERENCES backorderkit_stock (sku, location),
	CONSTRAINT backorderkit_allocation_quantity CHECK (quantity >= 0)
);
INSERT INTO "backorderkit_allocations" VALUES('SO-1','1','MAIN','MUG',3);
CREATE TABLE backorderkit_backorders (
	order_id TEXT NOT NULL,
	line_id TEXT NOT NULL,
	sku TEXT,
	quantity BIGINT NOT NULL,
	opened_at VARCHAR NOT NULL,
	PRIMARY KEY (order_id, line_id),
	CONSTRAINT backorderkit_backorder_quantity CHECK (quantity > 0)
);
INSERT INTO "backorderkit_backorders" VALUES('SO-1','1','MUG',2,'2026-01-05T09:00:00.000000+00:00');
CREATE TABLE backorderkit_commits (
	sequence BIGINT NOT NULL,
	"key" TEXT NOT NULL,
	as_of VARCHAR NOT NULL,
	command TEXT NOT NULL,
	facts TEXT NOT NULL,
	PRIMARY KEY (sequence),
	UNIQUE ("key")
);
INSERT INTO "backorderkit_commits" VALUES(1,'web-1','2026-01-05T09:00:00.000000+00:00','{"type":"place_order","order":{"id":"SO-1","customer":"","channel":"","placed_at":"2026-01-05T00:00:00Z","sequence":0,"priority":5,"lines":[{"id":"1","sku":"MUG","location":null,"ordered":5,"shipped":0,"cancelled":0,"requested":null,"unit_price":null,"currency":null,"placed_at":null,"cancel_after":null}]},"shortfall":"backorder","max_wait":null,"holds":[]}','[{"type":"placed","order":{"id":"SO-1","customer":"","channel":"","placed_at":"2026-01-05T00:00:00Z","sequence":0,"priority":5,"lines":[{"id":"1","sku":"MUG","location":null,"ordered":5,"shipped":0,"cancelled":0,"requested":null,"unit_price":null,"currency":null,"placed_at":null,"cancel_after":null}]}},{"type":"allocated","order":"SO-1","line":"1","location":"MAIN","quantity":3},{"type":"backordered","order":"SO-1","line":"1","quantity":2},{"type":"promised","order":"SO-1","line":"1","promises":[{"quantity":2,"due":"2026-01-12T00:00:00Z","receipt":"PO-1"}]}]');
INSERT INTO "backorderkit_commits" VALUES(2,'buy-1','2026-01-05T09:00:00.000000+00:00','{"type":"schedule_receipt","receipt":{"id":"PO-2","sku":"MUG","location":"MAIN","quantity":2,"due":"2026-01-12T00:00:00Z","supplier":""}}','[{"type":"scheduled","receipt":{"id":"PO-2","sku":"MUG","location":"MAIN","quantity":2,"due":"2026-01-12T00:00:00Z","supplier":""}}]');
CREATE TABLE backorderkit_holds (
	id TEXT NOT NULL,
	sku TEXT NOT NULL,
	location TEXT NOT NULL,
	quantity BIGINT NOT NULL,
	expires_at VARCHAR NOT NULL,
	PRIMARY KEY (id, sku, location),
	FOREIGN KEY(sku) REFERENCES backorderkit_items (sku),
	CONSTRAINT backorderkit_hold_quantity CHECK (quantity > 0)
);
CREATE TABLE backorderkit_items (
	sku TEXT NOT NULL,
	unit TEXT NOT NULL,
	decimals BIGINT NOT NULL,
	backorders TEXT NOT NULL,
	backorder_limit BIGINT,
	backorder_limit_per_line BIGINT,
	backorder_limit_per_customer BIGINT,
	version BIGINT DEFAULT '0' NOT NULL,
	PRIMARY KEY (sku)
);
INSERT INTO "backorderkit_items" VALUES('MUG','pcs',0,'allow',9,NULL,NULL,2);
CREATE TABLE backorderkit_lines (
	order_id TEXT NOT NULL,
	id TEXT NOT NULL,
	sku TEXT NOT NULL,
	location TEXT,
	ordered BIGINT NOT NULL,
	shipped BIGINT DEFAULT '0' NOT NULL,
	cancelled BIGINT DEFAULT '0' NOT NULL,
	allocated BIGINT DEFAULT '0' NOT NULL,
	requested VARCHAR,
	placed_at VARCHAR,
	cancel_after VARCHAR,
	unit_price VARCHAR,
	currency TEXT,
	PRIMARY KEY (order_id, id),
	FOREIGN KEY(order_id) REFERENCES backorderkit_orders (id),
	FOREIGN KEY(sku) REFERENCES backorderkit_items (sku),
	CONSTRAINT backorderkit_line_adds_up CHECK (ordered > 0 AND shipped >= 0 AND cancelled >= 0 AND allocated >= 0 AND shipped + cancelled + allocated <= ordered)
);
INSERT INTO "backorderkit_lines" VALUES('SO-1','1','MUG',NULL,5,0,0,3,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE backorderkit_numbers (
	name TEXT NOT NULL,
	value BIGINT NOT NULL,
	PRIMARY KEY (name)
);
INSERT INTO "backorderkit_numbers" VALUES('sequence',2);
INSERT INTO "backorderkit_numbers" VALUES('any_sku',0);
CREATE TABLE backorderkit_opening (
	piece BIGINT NOT NULL,
	text TEXT NOT NULL,
	PRIMARY KEY (piece)
);
INSERT INTO "backorderkit_opening" VALUES(0,'{
  "format": 1,
  "as_of": "2026-01-05T09:00:00Z",
  "items": [
    {"sku": "MUG", "unit": "pcs", "decimals": 0, "backorders": "allow", "backorder_limit": 9, "backorder_limit_per_line": null, "backorder_limit_per_customer": null}
  ],
  "stock": [
    {"sku": "MUG", "location": "MAIN", "on_hand": 3, "safety_stock": 0}
  ],
  "receipts": [
    {"id": "PO-1", "sku": "MUG", "location": "MAIN", "quantity": 4, "due": "2026-01-12T00:00:00Z", "supplier": "ACME"}
  ],
  "orders": [],
  "allocations": [],
  "backorders": []
}
');
CREATE TABLE backorderkit_orders (
	id TEXT NOT NULL,
	customer TEXT NOT NULL,
	channel TEXT NOT NULL,
	placed_at VARCHAR NOT NULL,
	sequence BIGINT NOT NULL,
	priority BIGINT NOT NULL,
	PRIMARY KEY (id)
);
INSERT INTO "backorderkit_orders" VALUES('SO-1','','','2026-01-05T00:00:00.000000+00:00',0,5);
CREATE TABLE backorderkit_promises (
	order_id TEXT NOT NULL,
	line_id TEXT NOT NULL,
	place BIGINT NOT NULL,
	receipt TEXT NOT NULL,
	quantity BIGINT NOT NULL,
	due VARCHAR NOT NULL,
	PRIMARY KEY (order_id, line_id, place),
	FOREIGN KEY(order_id, line_id) REFERENCES backorderkit_backorders (order_id, line_id) ON DELETE CASCADE
);
INSERT INTO "backorderkit_promises" VALUES('SO-1','1',0,'PO-1',2,'2026-01-12T00:00:00.000000+00:00');
CREATE TABLE backorderkit_readers (
	name TEXT NOT NULL,
	sequence BIGINT NOT NULL,
	PRIMARY KEY (name)
);
CREATE TABLE backorderkit_receipts (
	id TEXT NOT NULL,
	sku TEXT NOT NULL,
	location TEXT NOT NULL,
	quantity BIGINT NOT NULL,
	due VARCHAR NOT NULL,
	supplier TEXT NOT NULL,
	PRIMARY KEY (id),
	FOREIGN KEY(sku) REFERENCES backorderkit_items (sku),
	CONSTRAINT backorderkit_receipt_quantity CHECK (quantity > 0)
);
INSERT INTO "backorderkit_receipts" VALUES('PO-1','MUG','MAIN',4,'2026-01-12T00:00:00.000000+00:00','ACME');
INSERT INTO "backorderkit_receipts" VALUES('PO-2','MUG','MAIN',2,'2026-01-12T00:00:00.000000+00:00','');
CREATE TABLE backorderkit_schema (
	version BIGINT NOT NULL,
	PRIMARY KEY (version)
);
INSERT INTO "backorderkit_schema" VALUES(1);
CREATE TABLE backorderkit_stock (
	sku TEXT NOT NULL,
	location TEXT NOT NULL,
	on_hand BIGINT NOT NULL,
	safety_stock BIGINT DEFAULT '0' NOT NULL,
	allocated BIGINT DEFAULT '0' NOT NULL,
	PRIMARY KEY (sku, location),
	FOREIGN KEY(sku) REFERENCES backorderkit_items (sku),
	CONSTRAINT backorderkit_no_oversell CHECK (allocated >= 0 AND allocated <= on_hand),
	CONSTRAINT backorderkit_safety_stock CHECK (safety_stock >= 0)
);
INSERT INTO "backorderkit_stock" VALUES('MUG','MAIN',3,0,3);
CREATE INDEX backorderkit_backorders_of_sku ON backorderkit_backorders (sku);
CREATE INDEX backorderkit_receipts_of_sku ON backorderkit_receipts (sku);
CREATE INDEX backorderkit_holds_of_sku ON backorderkit_holds (sku);
CREATE INDEX backorderkit_open_lines_of_sku ON backorderkit_lines (sku) WHERE ordered > shipped + cancelled;
CREATE INDEX backorderkit_allocations_of_pool ON backorderkit_allocations (sku, location);
CREATE TRIGGER backorderkit_commits_no_replacement BEFORE INSERT ON backorderkit_commits
WHEN EXISTS
  (SELECT 1 FROM backorderkit_commits WHERE sequence = NEW.sequence OR key = NEW.key)
BEGIN SELECT RAISE(ABORT, 'backorderkit_commits is only added to'); END;
CREATE TRIGGER backorderkit_allocations_insert AFTER insert ON backorderkit_allocations BEGIN UPDATE backorderkit_stock SET allocated = allocated + NEW.quantity WHERE sku = NEW.sku AND location = NEW.location; UPDATE backorderkit_lines SET allocated = allocated + NEW.quantity WHERE order_id = NEW.order_id AND id = NEW.line_id; END;
CREATE TRIGGER backorderkit_allocations_update AFTER update ON backorderkit_allocations BEGIN UPDATE backorderkit_stock SET allocated = allocated - OLD.quantity WHERE sku = OLD.sku AND location = OLD.location; UPDATE backorderkit_lines SET allocated = allocated - OLD.quantity WHERE order_id = OLD.order_id AND id = OLD.line_id; UPDATE backorderkit_stock SET allocated = allocated + NEW.quantity WHERE sku = NEW.sku AND location = NEW.location; UPDATE backorderkit_lines SET allocated = allocated + NEW.quantity WHERE order_id = NEW.order_id AND id = NEW.line_id; END;
CREATE TRIGGER backorderkit_allocations_delete AFTER delete ON backorderkit_allocations BEGIN UPDATE backorderkit_stock SET allocated = allocated - OLD.quantity WHERE sku = OLD.sku AND location = OLD.location; UPDATE backorderkit_lines SET allocated = allocated - OLD.quantity WHERE order_id = OLD.order_id AND id = OLD.line_id; END;
CREATE TRIGGER backorderkit_commits_no_update BEFORE update ON backorderkit_commits BEGIN SELECT RAISE(ABORT, 'backorderkit_commits is only added to'); END;
CREATE TRIGGER backorderkit_commits_no_delete BEFORE delete ON backorderkit_commits BEGIN SELECT RAISE(ABORT, 'backorderkit_commits is only added to'); END;
CREATE TRIGGER backorderkit_opening_no_update BEFORE update ON backorderkit_opening BEGIN SELECT RAISE(ABORT, 'backorderkit_opening is only added to'); END;
CREATE TRIGGER backorderkit_opening_no_delete BEFORE delete ON backorderkit_opening BEGIN SELECT RAISE(ABORT, 'backorderkit_opening is only added to'); END;
COMMIT;
